"""Who: people, posts, delegations, departments, regions, sign-in and the access log."""
