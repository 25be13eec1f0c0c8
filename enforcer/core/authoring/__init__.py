"""What the author of a policy asks: why it decides so, what an edit moves, whether its tests hold, how to begin."""
