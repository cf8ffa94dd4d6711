"""Realistic answers of AWS, one module a collector: `ANSWERS` has a response per call, as boto3 gives it."""
