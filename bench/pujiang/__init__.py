"""The Pujiang day again: 436 groups in 14 rooms on one day, over real HTTP, with processes killed.  `make pujiang`."""
