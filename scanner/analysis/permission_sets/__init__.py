"""What a permission set of IAM Identity Center lets people do in each account: may they change anything?

The question is put to the policies of the permission set and its permissions boundary; service control policies, which may
take more away, are not looked at.
"""

from scanner.analysis.permission_sets.judge import TABLES, USES, run

__all__ = ["TABLES", "USES", "run"]
