"""What a run's events come to: its report, what people should know of it, and how far it has come."""
