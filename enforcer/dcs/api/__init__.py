"""What is said to the API and to IAM, and what their answers mean: values out of values.

It is not known how a request travels, nor who asks. No I/O, no clock.
"""
