"""What a run's events come to: its report and the verdict on it, what people should know of it, how far it has come."""
