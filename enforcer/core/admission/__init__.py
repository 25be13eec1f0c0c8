"""What may go of a plan, what waits, and why: the guards, and what each of them judges by."""
