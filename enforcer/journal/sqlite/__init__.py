"""The store in a state directory: one SQLite file, and locks of the kernel; the only home of sqlite3."""
