"""The private PostgreSQL and Redis of an installation that was given neither, and the supervisor of its processes."""
