"""The sample organization "Harbour Goods": moto's server, the calls moto lacks, and what is wrong in it on purpose.

`server.DemoServer` serves it over loopback, `organization.build` creates it through boto3, and `planted.yaml` lists
every problem it contains.
"""
