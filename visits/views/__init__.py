"""The pages of visits: thin shells round the verbs."""
