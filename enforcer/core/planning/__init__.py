"""What is to be sent: the planners, of a policy, of a saved plan, and of an earlier run, there and back."""
