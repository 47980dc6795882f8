"""Django's PostgreSQL engine, taught that tables have an owner and the app is somebody else."""
