"""Can a connection be opened from A to B on a TCP or UDP port: security groups, NACLs and routes, request and reply.

    network = Network.load(connection)         # a snapshot with the table of the analysis `unread`
    network.ask("web-1", "orders-db")          # port of the database
    network.ask("i-0123456789abcdef0", "8.8.8.8", "tcp", 443).verdict
    network.who_can_reach("orders-db")

`REACH.md`, section 2, is the specification; each module names the AWS documentation it stands on.
"""

from scanner.analysis.network.ask import Answer, Network, Reacher, answer_as_dict
from scanner.analysis.network.verdicts import Verdict

__all__ = ["Answer", "Network", "Reacher", "Verdict", "answer_as_dict"]
