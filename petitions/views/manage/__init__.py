"""The administrators' rooms: one module a room, the same frame round all."""
