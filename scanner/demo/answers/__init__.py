"""The calls the demo answers instead of moto, one module per service.

A module names its boto3 client in `SERVICE`; every public function is the call of that name and takes the call and
the layer's store. Reasons it is here: moto lacks the call, or answers it unlike AWS (said in the docstring).
"""
