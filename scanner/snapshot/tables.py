"""Every table of a snapshot, declared once. Arrow schemas, the schema page and the empty tables of tests come from here.

NULL means "not read" wherever a value could have been read and was not; AWS saying "none" is an empty list, FALSE or 0.
Policy documents are flattened at ingest: `policy_documents` keeps the raw text, `policy_statements` and the four
`statement_*` tables carry what rules need, so that rules never take JSON apart.
"""

from __future__ import annotations

from scanner.snapshot.schema import Table, table

_DECLARED: tuple[Table, ...] = (
    # ------------------------------------------------------------------ what was read
    table(
        "coverage",
        "The ledger: how every call of every unit of work ended.",
        """
        collector string Collector that made the call; `*` for a whole account or Region that was not entered.
        call string boto3 client and method, such as `ec2.describe_vpcs`; `*` for all calls of the collector.
        status string collected, access_denied, throttled, region_off, not_in_use, no_role, suspended, failed, not_recorded, not_selected or unknown_until_apply.
        cause string For access_denied: scp, iam or unknown.
        reason string What AWS or the network said; NULL when collected.
        items int Items read.
        failed int Requests that did not succeed.
        requests int Requests made.
        """,
    ),
    table(
        "call_tables",
        "Which call fills which table, as the collectors declare it.",
        """
        account_id string Always NULL: holds for every account.
        region string Always NULL: holds for every Region.
        collector string Collector.
        call string boto3 client and method.
        table_name string Table that is incomplete when the call could not be read.
        """,
    ),
    table(
        "api_calls",
        "Requests that collection itself sent, counted for politeness.",
        """
        service string boto3 client name.
        requests int Requests sent, repetitions included.
        throttled int Requests that AWS throttled.
        """,
    ),
    # ------------------------------------------------------------------ organizations
    table(
        "organizations",
        "The organization, one row; none where the account stands alone.",
        """
        organization_id string Id such as `o-exampleorg1`.
        arn string ARN.
        feature_set string ALL or CONSOLIDATED_BILLING.
        management_account_id string Account that pays and governs.
        """,
    ),
    table(
        "accounts",
        "Accounts of the organization, or the one account that stands alone.",
        """
        account_id string The twelve digits.
        arn string ARN; NULL where the account stands alone.
        name string Name given at creation; NULL when the organization could not be read.
        email string Address of the root user.
        status string ACTIVE, SUSPENDED, PENDING_CLOSURE; NULL when not read.
        joined_method string CREATED or INVITED.
        joined_at time When it joined.
        parent_id string Root or organizational unit it sits in; NULL when not read.
        is_management bool It is the management account; NULL when the organization could not be read.
        is_member bool The organization lists it; NULL when the organization could not be read.
        """,
    ),
    table(
        "scope",
        "Which accounts were chosen for this scan.",
        """
        account_id string The twelve digits.
        in_scope bool It was chosen.
        """,
    ),
    table(
        "organizational_units",
        "Roots and organizational units.",
        """
        unit_id string `r-...` or `ou-...`.
        arn string ARN.
        name string Name.
        parent_id string Parent unit; NULL for the root.
        is_root bool It is the root.
        path string Names from the root, joined with ` / `.
        depth int 0 for the root.
        """,
    ),
    table(
        "unit_ancestors",
        "For every account and unit: itself and every unit above it, so that inheritance is a join.",
        """
        target_id string Account or unit.
        ancestor_id string The target itself, a unit above it, or the root.
        distance int 0 for the target itself.
        """,
    ),
    table(
        "organization_policies",
        "Policies of AWS Organizations.",
        """
        policy_id string `p-...`.
        arn string ARN.
        name string Name.
        type string SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, TAG_POLICY, BACKUP_POLICY, ...
        aws_managed bool Made by AWS, such as FullAWSAccess.
        description string Description.
        content json The policy; NULL when not read.
        """,
    ),
    table(
        "policy_targets",
        "Where policies of the organization are attached.",
        """
        policy_id string The policy.
        target_id string Root, unit or account.
        target_type string ROOT, ORGANIZATIONAL_UNIT or ACCOUNT.
        """,
    ),
    table(
        "policy_types",
        "Policy types and whether the root has them enabled.",
        """
        root_id string The root.
        type string Policy type.
        status string ENABLED, PENDING_ENABLE, PENDING_DISABLE.
        """,
    ),
    table(
        "delegated_administrators",
        "Member accounts that administer a service for the organization.",
        """
        delegate_account_id string The member account.
        service_principal string The service; organizations.amazonaws.com for policies of the organization; NULL when its services could not be listed.
        """,
    ),
    table(
        "trusted_services",
        "Services with trusted access to the organization.",
        """
        service_principal string Such as `backup.amazonaws.com`.
        enabled_at time Since when.
        """,
    ),
    table(
        "account_regions",
        "Regions of an account and whether they are enabled.",
        """
        region_name string The Region.
        opt_in_status string opt-in-not-required, opted-in or not-opted-in.
        """,
    ),
    # ------------------------------------------------------------------ tags and resources
    table(
        "tags",
        "Tags of accounts, units, policies and resources.",
        """
        arn string What carries the tag.
        key string Key as written.
        value string Value as written.
        """,
    ),
    table(
        "tagged_resources",
        "What the tagging API lists: resources that carry, or once carried, a tag.",
        """
        arn string ARN.
        service string Service part of the ARN.
        resource_type string Type part of the ARN's resource, such as `instance`; NULL where it has none.
        """,
    ),
    table(
        "stacks",
        "CloudFormation stacks.",
        """
        arn string ARN.
        name string Name.
        status string CREATE_COMPLETE, ROLLBACK_FAILED, ...
        """,
    ),
    # ------------------------------------------------------------------ policies
    table(
        "policy_documents",
        "Every policy document as AWS returned it: evidence, and the source of the statement tables.",
        """
        holder_arn string Role, user, group, managed policy, permission set, organization policy or resource that carries it.
        kind string trust, inline, managed, resource, permission_set (its inline policy), scp or rcp.
        name string Policy name; empty for trust and resource policies and those of permission sets.
        document json The document; NULL when AWS did not send it.
        readable bool It could be parsed; FALSE means malformed, which grants nothing, NULL that there is none to read.
        """,
    ),
    table(
        "policy_statements",
        "Statements of policy documents.",
        """
        statement_id string `holder|kind|name|position`.
        holder_arn string Who carries the policy.
        kind string As in policy_documents.
        policy_name string Policy name.
        position int 0 for the first statement.
        sid string Statement id.
        effect string Allow or Deny.
        actions_negated bool It is written with NotAction.
        resources_negated bool It is written with NotResource.
        principals_negated bool It is written with NotPrincipal.
        conditions int Number of condition operator and key pairs.
        """,
    ),
    table(
        "statement_principals",
        "Principals of a statement, one a row.",
        """
        statement_id string The statement.
        type string AWS, Service, Federated, CanonicalUser, or `*` for everyone.
        value string As written.
        principal_account string The account of an AWS principal; NULL for services, providers, `*` and deleted principals.
        whole_account bool It names an account as a whole: `:root` or the bare digits.
        deleted bool It shows the id of a principal that no longer exists (AROA..., AIDA...).
        """,
    ),
    table(
        "statement_actions",
        "Actions of a statement, one a row, in lower case.",
        """
        statement_id string The statement.
        action string Such as `s3:getobject` or `*`.
        """,
    ),
    table(
        "statement_resources",
        "Resources of a statement, one a row.",
        """
        statement_id string The statement.
        resource string ARN or pattern.
        """,
    ),
    table(
        "statement_conditions",
        "Conditions of a statement, one value a row.",
        """
        statement_id string The statement.
        operator string Such as StringEquals, as written.
        key string Condition key in lower case.
        value string One value.
        """,
    ),
    # ------------------------------------------------------------------ iam
    table(
        "principals",
        "IAM users, groups and roles.",
        """
        arn string ARN.
        type string user, group or role.
        name string Name.
        unique_id string AIDA..., AGPA..., AROA...
        path string Path.
        created_at time Creation.
        boundary_arn string Permissions boundary; NULL when there is none.
        service_linked bool Role that belongs to a service (path /aws-service-role/).
        last_used_at time Last use of a role; NULL when never, or not in the 400 days that IAM keeps track of.
        use_tracked bool AWS said when a role was last used, or that it was not; NULL when it said neither.
        description string Description of a role (hostile text).
        """,
    ),
    table(
        "group_members",
        "Which user is in which group.",
        """
        user_arn string User.
        group_name string Name of the group, in the same account.
        """,
    ),
    table(
        "managed_policies",
        "Managed policies in use: those of the account, and those of AWS that are attached.",
        """
        arn string ARN.
        name string Name.
        aws_managed bool It belongs to AWS.
        attachments int Users, groups and roles it is attached to.
        boundary_uses int Principals whose permissions boundary it is.
        """,
    ),
    table(
        "policy_attachments",
        "Managed policies attached to users, groups and roles.",
        """
        principal_arn string User, group or role.
        policy_arn string Managed policy.
        policy_name string Its name.
        """,
    ),
    table(
        "instance_profiles",
        "Instance profiles and the role each one carries.",
        """
        arn string ARN.
        name string Name.
        role_arn string Role; NULL when empty.
        """,
    ),
    table(
        "identity_providers",
        "SAML and OpenID Connect providers of an account.",
        """
        arn string ARN.
        type string saml or oidc.
        """,
    ),
    table(
        "user_credentials",
        "What IAM users log in with. The secrets themselves are never read.",
        """
        user_arn string The user.
        has_password bool It has a password for the console; NULL when not read.
        password_used_at time Last use of the password; NULL when never, or there is none.
        active_keys int Active access keys; NULL when not read.
        oldest_key_at time Creation of the oldest active one.
        """,
    ),
    table(
        "root_users",
        "What the root user of an account can log in with.",
        """
        has_password bool It has a password; NULL when AWS did not say.
        has_access_keys bool It has access keys.
        has_certificates bool It has signing certificates.
        has_mfa bool It has a second factor.
        """,
    ),
    table(
        "iam_features",
        "What IAM does for the whole organization: one row per feature that is on.",
        """
        feature string RootCredentialsManagement (root users of members without credentials stay so) or RootSessions.
        """,
    ),
    # ------------------------------------------------------------------ cloudtrail
    table(
        "trails",
        "Trails that an account has or, of its organization, sees.",
        """
        arn string ARN.
        name string Name.
        home_region string Region it was created in.
        owner_id string Account it belongs to.
        bucket_name string Bucket it delivers to.
        is_organization bool It records every account of the organization; member accounts cannot change it.
        is_multi_region bool It records every Region.
        validates_files bool Its files are signed.
        kms_key_arn string Key that encrypts its files.
        is_logging bool It records now; NULL when not read.
        records_changes bool It records calls that change something, not data events or reads only; NULL when not read.
        """,
    ),
    table(
        "guardduty_detectors",
        "Detectors of GuardDuty: where it is on.",
        """
        arn string ARN.
        detector_id string Id of the detector, one per Region.
        auto_enables string For a delegated administrator: ALL (members cannot switch it off), NEW or NONE; NULL for all others, and when not read.
        """,
    ),
    table(
        "configuration_recorders",
        "Recorders of AWS Config: where changes of resources are kept.",
        """
        name string Name.
        service_principal string Service it belongs to and records for alone; NULL for the account's own.
        is_recording bool It records now; NULL when not read.
        records_all bool It records every type of resource that AWS Config knows, but for the excluded ones.
        resource_types strings The types it records where it does not record all.
        excluded_types strings The types it leaves out of all.
        """,
    ),
    table(
        "configuration_aggregators",
        "Aggregators of AWS Config: where what the recorders of many accounts keep is gathered.",
        """
        arn string ARN.
        name string Name.
        created_by string Service that made it; NULL for the account's own.
        of_organization bool It gathers from every account of the organization, new ones included.
        all_regions bool It gathers from every Region, new ones included.
        regions strings The Regions it gathers from where these are not all.
        accounts strings The accounts it lists where it does not gather from the organization.
        is_filtered bool It takes some types of resources or some recorders only.
        role_arn string Role that reads the accounts of the organization; NULL where it lists them.
        """,
    ),
    table(
        "security_hubs",
        "Security Hub: where it is on.",
        """
        arn string ARN of the hub, one per Region.
        is_central bool Its organization is configured centrally, by policies; NULL for whoever does not administer it, and when not read.
        auto_enables string For a delegated administrator: ALL (the policy of the root switches it on), NEW or NONE; NULL for all others, for Regions other than the home Region of a central configuration, and when not read.
        """,
    ),
    # ------------------------------------------------------------------ iam identity center
    table(
        "identity_center_instances",
        "The organization's instance of IAM Identity Center; none where it is not in use.",
        """
        arn string ARN.
        identity_store_id string Identity store that holds its groups and users.
        home_region string The one Region it lives in.
        owner_id string Account that owns it: the management account.
        name string Name; NULL when it was given none.
        status string ACTIVE, CREATE_IN_PROGRESS or DELETE_IN_PROGRESS.
        created_at time Creation.
        """,
    ),
    table(
        "permission_sets",
        "Permission sets of IAM Identity Center.",
        """
        arn string ARN.
        instance_arn string Instance it belongs to.
        name string Name; NULL when not read.
        description string Description (hostile text).
        session_duration string Longest session, as in ISO 8601: PT1H.
        created_at time Creation.
        policy_read bool Its inline policy and everything attached to it were read, or AWS said there is none.
        boundary_arn string AWS-managed policy that is its permissions boundary; NULL when there is none.
        boundary_path string Path and name of the customer managed policy that is its permissions boundary; NULL when there is none.
        boundary_read bool Its permissions boundary was read, or AWS said it has none.
        """,
    ),
    table(
        "permission_set_policies",
        "Managed policies attached to permission sets; the inline policy is among policy_documents.",
        """
        permission_set_arn string Permission set.
        policy_arn string An AWS-managed policy; NULL for a customer managed one.
        policy_path string Path and name, such as `/team/deploy`, of a customer managed policy that every account has to have; NULL for an AWS-managed one.
        policy_name string Name of the policy.
        """,
    ),
    table(
        "permission_set_accounts",
        "Accounts in which a permission set is provisioned: has its role AWSReservedSSO_<name>_<id>.",
        """
        permission_set_arn string Permission set.
        target_account_id string The account.
        """,
    ),
    table(
        "account_assignments",
        "Who may enter which account with which permission set.",
        """
        permission_set_arn string Permission set.
        target_account_id string The account.
        principal_type string GROUP or USER.
        principal_id string Id of the group or user in the identity store.
        """,
    ),
    table(
        "identity_groups",
        "Groups of the identity store.",
        """
        group_id string Id.
        name string Display name.
        identity_store_id string Identity store.
        """,
    ),
    table(
        "identity_users",
        "Users of the identity store: nothing of a person but the name to sign in with.",
        """
        user_id string Id.
        name string User name.
        identity_store_id string Identity store.
        """,
    ),
    table(
        "identity_group_members",
        "Who is in a group of the identity store, for groups that are assigned to an account.",
        """
        group_id string Group.
        user_id string User.
        """,
    ),
    # ------------------------------------------------------------------ ec2: network
    table(
        "vpcs",
        "VPCs as their owner lists them.",
        """
        vpc_id string Id.
        arn string ARN.
        owner_id string Account that owns it.
        name string Name tag.
        is_default bool Made by AWS with the account.
        state string pending or available.
        """,
    ),
    table(
        "vpc_cidrs",
        "Address ranges of VPCs.",
        """
        vpc_id string VPC.
        cidr string Range.
        family int 4 or 6.
        state string associated, ...
        """,
    ),
    table(
        "subnets",
        "Subnets; a shared subnet is listed by its owner and by every participant.",
        """
        subnet_id string Id.
        arn string ARN.
        vpc_id string VPC.
        owner_id string Account that owns it.
        name string Name tag.
        cidr string IPv4 range; NULL for IPv6-only subnets.
        ipv6_cidrs strings IPv6 ranges.
        zone_id string Availability zone id, such as use1-az1.
        zone string Availability zone name.
        is_default bool Default subnet of its zone.
        map_public_ip bool Instances get public addresses.
        """,
    ),
    table(
        "route_tables",
        "Route tables.",
        """
        route_table_id string Id.
        vpc_id string VPC.
        owner_id string Account that owns it.
        is_main bool Applies to subnets without one of their own.
        """,
    ),
    table(
        "route_table_associations",
        "Explicit associations of route tables.",
        """
        route_table_id string Route table.
        subnet_id string Subnet; NULL for a gateway.
        gateway_id string Gateway (edge association); NULL for a subnet.
        state string associated, ...
        """,
    ),
    table(
        "routes",
        "Routes of route tables.",
        """
        route_table_id string Route table.
        destination string CIDR or prefix list id.
        destination_type string ipv4, ipv6 or prefix_list.
        target_type string local, internet_gateway, nat_gateway, peering, transit_gateway, network_interface, instance, vpc_endpoint, egress_only_gateway, vpn_gateway, carrier_gateway, local_gateway, core_network or none.
        target_id string Id of the target; `local` for local routes.
        state string active or blackhole.
        origin string CreateRouteTable, CreateRoute or EnableVgwRoutePropagation.
        """,
    ),
    table(
        "security_groups",
        "Security groups.",
        """
        group_id string Id.
        arn string ARN.
        vpc_id string VPC.
        owner_id string Account that owns it.
        name string Group name.
        """,
    ),
    table(
        "security_group_rules",
        "Rules of security groups, one peer a row.",
        """
        group_id string Security group.
        direction string ingress or egress.
        protocol string tcp, udp, icmp, icmpv6, a number, or `-1` for all.
        from_port int First port; NULL for all.
        to_port int Last port; NULL for all.
        peer_type string ipv4, ipv6, prefix_list or group.
        peer string CIDR, prefix list id or group id.
        peer_account_id string Owner of a referenced group.
        peer_vpc_id string VPC of a referenced group, where given.
        peering_id string Peering a referenced group lies behind, where given.
        """,
    ),
    table(
        "network_acls",
        "Network ACLs.",
        """
        acl_id string Id.
        vpc_id string VPC.
        owner_id string Account that owns it.
        is_default bool Applies to subnets without another one.
        """,
    ),
    table(
        "network_acl_associations",
        "Which network ACL a subnet has.",
        """
        acl_id string Network ACL.
        subnet_id string Subnet.
        """,
    ),
    table(
        "network_acl_entries",
        "Entries of network ACLs.",
        """
        acl_id string Network ACL.
        direction string ingress or egress.
        number int Rule number; the lowest that matches decides, 32767 is the final one.
        action string allow or deny.
        protocol string Protocol number, `-1` for all.
        cidr string Range.
        family int 4 or 6.
        from_port int First port; NULL for all.
        to_port int Last port; NULL for all.
        icmp_type int ICMP type; NULL unless ICMP.
        icmp_code int ICMP code; NULL unless ICMP.
        """,
    ),
    table(
        "network_interfaces",
        "Elastic network interfaces.",
        """
        eni_id string Id.
        arn string ARN.
        vpc_id string VPC.
        subnet_id string Subnet.
        owner_id string Account that owns it.
        description string Description, which tells what a requester-managed one belongs to.
        interface_type string interface, nat_gateway, lambda, vpc_endpoint, ...
        requester_id string Who made it, such as amazon-rds.
        requester_managed bool A service manages it.
        status string in-use or available.
        instance_id string Instance it is attached to.
        attachment_owner_id string Account of the instance, or the service, it is attached to.
        private_ips strings Private IPv4 addresses.
        ipv6_ips strings IPv6 addresses.
        public_ips strings Public IPv4 addresses.
        group_ids strings Security groups.
        source_dest_check bool FALSE: it may forward what is not its own.
        """,
    ),
    table(
        "instances",
        "EC2 instances that are not terminated.",
        """
        instance_id string Id.
        arn string ARN.
        name string Name tag.
        state string pending, running, stopping, stopped, shutting-down.
        vpc_id string VPC.
        subnet_id string Subnet.
        private_ip string Primary private address.
        public_ip string Public address.
        group_ids strings Security groups.
        instance_profile_arn string Instance profile.
        launched_at time Last start.
        """,
    ),
    table(
        "vpc_peerings",
        "Peering connections; each side lists it.",
        """
        peering_id string Id.
        status string active, pending-acceptance, expired, ...
        requester_account_id string Account of the requester.
        requester_vpc_id string VPC of the requester.
        requester_region string Region of the requester.
        requester_cidrs strings Ranges of the requester.
        accepter_account_id string Account of the accepter.
        accepter_vpc_id string VPC of the accepter.
        accepter_region string Region of the accepter.
        accepter_cidrs strings Ranges of the accepter.
        """,
    ),
    table(
        "internet_gateways",
        "Internet gateways, and egress-only and VPN gateways beside them.",
        """
        gateway_id string Id.
        type string internet, egress_only or vpn.
        vpc_id string VPC it is attached to; NULL when detached.
        state string Attachment state.
        """,
    ),
    table(
        "nat_gateways",
        "NAT gateways.",
        """
        nat_gateway_id string Id.
        vpc_id string VPC.
        subnet_id string Subnet.
        connectivity string public or private.
        state string available, ...
        private_ips strings Private addresses.
        public_ips strings Public addresses.
        """,
    ),
    table(
        "vpc_endpoints",
        "VPC endpoints.",
        """
        endpoint_id string Id.
        arn string ARN.
        vpc_id string VPC.
        type string Interface, Gateway, GatewayLoadBalancer, ...
        service_name string Service it leads to.
        state string available, ...
        owner_id string Account that owns it.
        subnet_ids strings Subnets of an interface endpoint.
        route_table_ids strings Route tables of a gateway endpoint.
        group_ids strings Security groups.
        eni_ids strings Network interfaces.
        """,
    ),
    table(
        "endpoint_services",
        "Endpoint services (PrivateLink) that the account offers.",
        """
        service_id string Id.
        service_name string Name consumers use.
        acceptance_required bool Connections need approval.
        load_balancer_arns strings Load balancers behind it.
        """,
    ),
    table(
        "prefix_lists",
        "Managed prefix lists, entries one a row; a list without entries has one row with NULL cidr.",
        """
        prefix_list_id string Id.
        name string Name.
        owner_id string Owner, `AWS` for those of AWS.
        cidr string Range; NULL when the list is empty or its entries could not be read.
        entries_read bool Entries could be read.
        """,
    ),
    table(
        "public_access_blocks",
        "VPC Block Public Access: the mode of an account and Region.",
        """
        mode string off, block-bidirectional or block-ingress.
        """,
    ),
    table(
        "public_sharing_blocks",
        "Block Public Access of S3 for an account, and of snapshots of volumes for an account and Region.",
        """
        service string s3 or ebs.
        blocks bool What is public is open to nobody else all the same: RestrictPublicBuckets, or block-all-sharing.
        """,
    ),
    table(
        "public_access_exclusions",
        "VPCs and subnets that VPC Block Public Access leaves out; not asked for where the mode is off.",
        """
        exclusion_id string Id.
        resource_arn string VPC or subnet.
        mode string allow-bidirectional or allow-egress.
        state string create-complete, update-complete, delete-complete, ...
        """,
    ),
    table(
        "transit_gateways",
        "Transit gateways; a shared one is listed by its owner and by every participant.",
        """
        transit_gateway_id string Id.
        arn string ARN.
        owner_id string Account that owns it.
        state string available, ...
        name string Name tag.
        security_group_referencing bool Groups may be referenced across attachments.
        default_association_table_id string Route table new attachments are associated with.
        default_propagation_table_id string Route table new attachments propagate to.
        """,
    ),
    table(
        "transit_gateway_attachments",
        "Attachments of transit gateways.",
        """
        attachment_id string Id.
        transit_gateway_id string Transit gateway.
        transit_gateway_owner_id string Its owner.
        resource_type string vpc, vpn, direct-connect-gateway, peering, connect, tgw-peering.
        resource_id string VPC or other resource; the other gateway for a peering.
        resource_owner_id string Owner of the resource.
        state string available, ...
        association_table_id string Route table its traffic is looked up in.
        association_state string associated, ...
        subnet_ids strings Subnets of a VPC attachment; NULL when not read.
        security_group_referencing bool Groups may be referenced over this attachment; NULL when not read.
        """,
    ),
    table(
        "transit_gateway_route_tables",
        "Route tables of transit gateways.",
        """
        route_table_id string Id.
        transit_gateway_id string Transit gateway.
        state string available, ...
        routes_complete bool All routes were returned (AWS stops at 1,000); NULL when not read.
        """,
    ),
    table(
        "transit_gateway_routes",
        "Routes of transit gateway route tables.",
        """
        route_table_id string Route table.
        destination string CIDR; NULL for a prefix list.
        prefix_list_id string Prefix list; NULL for a CIDR.
        type string static or propagated.
        state string active or blackhole.
        attachment_id string Attachment it leads to; NULL for a blackhole.
        resource_type string Type of what it leads to.
        resource_id string What it leads to.
        """,
    ),
    table(
        "transit_gateway_associations",
        "Associations of transit gateway route tables.",
        """
        route_table_id string Route table.
        attachment_id string Attachment.
        resource_type string vpc, ...
        resource_id string VPC, ...
        state string associated, ...
        """,
    ),
    table(
        "transit_gateway_propagations",
        "Propagations into transit gateway route tables.",
        """
        route_table_id string Route table.
        attachment_id string Attachment.
        resource_type string vpc, ...
        resource_id string VPC, ...
        state string enabled, ...
        """,
    ),
    # ------------------------------------------------------------------ sharing
    table(
        "resource_shares",
        "RAM resource shares that the account owns.",
        """
        arn string ARN.
        name string Name.
        owner_id string Account that owns it.
        allows_external bool Accounts outside the organization may be added.
        status string ACTIVE, ...
        """,
    ),
    table(
        "share_resources",
        "What a resource share shares.",
        """
        share_arn string Share.
        arn string Resource.
        resource_type string Such as ec2:Subnet.
        """,
    ),
    table(
        "share_principals",
        "Whom a resource share shares with.",
        """
        share_arn string Share.
        principal string Account id, unit or organization ARN, role or user ARN, or service.
        external bool Outside the organization.
        """,
    ),
    # ------------------------------------------------------------------ data stores
    table(
        "compute",
        "What computes or answers beside instances: functions, container services, Kubernetes clusters, load balancers.",
        """
        arn string ARN.
        name string Name.
        type string function, container_service, kubernetes_cluster or load_balancer.
        status string Active, ACTIVE, provisioning, ...; NULL where AWS says none.
        vpc_id string VPC; NULL outside of VPCs, or when not said.
        subnet_ids strings Subnets it runs in; empty outside of VPCs.
        group_ids strings Security groups.
        role_arn string Role it works with, of functions and clusters.
        is_public bool A load balancer that faces the internet; NULL for others.
        policy_read bool The policy of a function was read; NULL for others.
        """,
    ),
    table(
        "databases",
        "Databases with an address: of RDS (Aurora, DocumentDB and Neptune answer there too), Redshift, ElastiCache, MemoryDB, OpenSearch.",
        """
        arn string ARN.
        name string Identifier.
        type string instance or cluster; namespace of Redshift Serverless, cache of ElastiCache, domain of OpenSearch.
        engine string Such as postgres, aurora-mysql, redshift, valkey or opensearch.
        resource_id string Immutable id, `db-...` or `cluster-...`.
        status string available, ...
        cluster_name string Cluster an instance belongs to; NULL when none.
        source_arn string Original, when this is a read replica.
        vpc_id string VPC; NULL when not known (clusters).
        subnet_group string Subnet group.
        subnet_ids strings Subnets, where the service does not list them in `subnet_groups`; empty outside of VPCs.
        group_ids strings Security groups.
        endpoint string Host name.
        port int Port.
        publicly_accessible bool Has a public address; NULL for clusters.
        encrypted bool Storage is encrypted.
        kms_key_arn string Its key.
        backup_retention_days int 0: no automated backups.
        latest_restorable_at time End of the point-in-time window.
        deletion_protection bool Deletion is refused.
        multi_az bool Stand-by in another zone.
        """,
    ),
    table(
        "subnet_groups",
        "Database subnet groups, one subnet a row.",
        """
        name string Subnet group.
        vpc_id string VPC.
        subnet_id string Subnet.
        """,
    ),
    table(
        "snapshots",
        "Snapshots of RDS and EBS: of databases, clusters and volumes.",
        """
        arn string ARN.
        name string Identifier.
        type string database, cluster or volume.
        source_arn string What it was taken of; a volume's ARN for EBS.
        owner_id string Account that owns it.
        status string available, completed, creating, ...
        kind string manual, automated or awsbackup.
        created_at time Start of the snapshot.
        encrypted bool Encrypted.
        kms_key_arn string Key.
        copied_from_arn string Snapshot this is a copy of; NULL when an original.
        shared_with strings Accounts it is shared with, `all` for everyone; NULL when not read.
        """,
    ),
    table(
        "service_snapshots",
        "Snapshots that Redshift, ElastiCache, MemoryDB and FSx keep, in the account of the original.",
        """
        arn string ARN.
        name string Identifier.
        type string cluster, cache or file_system.
        source_arn string What it was taken of.
        owner_id string Account that owns it.
        status string available, completed, creating, ...
        kind string manual, automated or awsbackup.
        created_at time Start of the snapshot.
        encrypted bool Encrypted.
        kms_key_arn string Key.
        copied_from_arn string Snapshot this is a copy of; NULL when an original.
        shared_with strings Accounts it is shared with, `all` for everyone; NULL when not read.
        """,
    ),
    table(
        "images",
        "Images of machines (AMIs) that the account owns.",
        """
        arn string ARN; images carry no account in theirs.
        image_id string `ami-...`.
        name string Name, else the id.
        state string available, pending, disabled, ...
        source_arn string Instance it was made of; NULL when AWS did not say.
        created_at time Creation.
        shared_with strings Accounts that may launch it, ARNs of organizations and units whose accounts may, `all` for everyone; NULL when not read.
        """,
    ),
    table(
        "automated_backups",
        "Automated backups of databases, point in time, those retained after deletion and those replicated to other Regions too.",
        """
        arn string ARN.
        source_arn string Database, cluster or domain.
        status string active, retained, replicating.
        kms_key_arn string Key.
        restorable_from time Start of the window.
        restorable_to time End of the window.
        """,
    ),
    table(
        "queues",
        "SQS queues.",
        """
        arn string ARN.
        name string Name.
        kms_key string Key as it was given: id, alias or ARN; NULL without one.
        policy_read bool Its policy was read.
        """,
    ),
    table(
        "topics",
        "SNS topics.",
        """
        arn string ARN.
        name string Name.
        kms_key string Key as it was given: id, alias or ARN; NULL without one.
        policy_read bool Its policy was read.
        """,
    ),
    table(
        "file_systems",
        "File systems of EFS and FSx.",
        """
        arn string ARN.
        name string Name tag, else the id.
        file_system_id string `fs-...`.
        type string efs or fsx.
        status string available, ...
        encrypted bool Encrypted.
        kms_key_arn string Key.
        policy_read bool Its policy was read; NULL where there is none to read.
        """,
    ),
    table(
        "file_system_replicas",
        "Replicas that EFS keeps of file systems.",
        """
        source_arn string File system.
        replica_arn string File system it is replicated to.
        status string ENABLED, ENABLING, DELETING, ERROR, PAUSED, PAUSING.
        replicated_at time When all up to then had arrived.
        """,
    ),
    table(
        "dynamodb_tables",
        "DynamoDB tables.",
        """
        arn string ARN.
        name string Name.
        status string ACTIVE, ...
        kms_key_arn string Key; NULL for the AWS-owned one.
        point_in_time_recovery bool Continuous backups are on; NULL when not read.
        latest_restorable_at time End of the window.
        backups int On-demand backups of DynamoDB itself; NULL when not read.
        newest_backup_at time Newest of them.
        replica_regions strings Other Regions of a global table.
        deletion_protection bool Deletion is refused.
        stream_arn string Latest stream.
        policy_read bool Its resource policy was read, or AWS said it has none.
        """,
    ),
    table(
        "volumes",
        "EBS volumes.",
        """
        volume_id string Id.
        arn string ARN.
        encrypted bool Encrypted.
        kms_key_arn string Key.
        state string in-use, available.
        instance_id string Instance it is attached to.
        """,
    ),
    table(
        "buckets",
        "S3 buckets.",
        """
        arn string ARN.
        name string Name.
        bucket_region string Region of the bucket; NULL when not read.
        versioning string Enabled, Suspended or Never; NULL when not read.
        replication_accounts strings Destination accounts of enabled replication rules (own account where none is named); NULL when not read.
        replication_buckets strings Destination buckets of enabled replication rules; NULL when not read.
        replication_partial strings Those of them that no enabled rule sends every object to: rules choose by prefix or tag.
        object_lock string COMPLIANCE, GOVERNANCE, enabled (no default retention) or none; NULL when not read.
        kms_key_arn string Default encryption key; NULL for S3's own.
        public_access_blocked bool The bucket's own public access block restricts public policies (RestrictPublicBuckets); NULL when not read.
        policy_read bool Its policy was read, or AWS said it has none.
        """,
    ),
    # ------------------------------------------------------------------ backup
    table(
        "backup_vaults",
        "AWS Backup vaults.",
        """
        arn string ARN.
        name string Name.
        type string BACKUP_VAULT, LOGICALLY_AIR_GAPPED_BACKUP_VAULT or RESTORE_ACCESS_BACKUP_VAULT.
        kms_key_arn string Key of the vault; NULL for one that belongs to AWS.
        recovery_points int How many it holds.
        locked bool It has a vault lock.
        lock_date time End of the grace time; NULL with a lock means governance mode.
        min_retention_days int Lock's minimum.
        max_retention_days int Lock's maximum.
        policy_read bool Its access policy was read, or AWS said it has none.
        """,
    ),
    table(
        "recovery_points",
        "Recovery points in AWS Backup vaults.",
        """
        arn string ARN.
        vault_arn string Vault it lies in.
        source_arn string Resource it was taken of.
        resource_type string RDS, Aurora, DynamoDB, EBS, S3, ...
        status string COMPLETED, PARTIAL, DELETING, EXPIRED.
        created_at time Creation.
        completed_at time Completion.
        kms_key_arn string Key that encrypts it.
        encrypted bool It is encrypted, with whatever key; NULL when AWS did not say.
        source_vault_arn string Vault it was copied from; NULL when not a copy.
        parent_arn string Composite recovery point it belongs to; NULL when none.
        delete_at time When its lifecycle deletes it.
        """,
    ),
    table(
        "backup_plans",
        "AWS Backup plans, one rule a row.",
        """
        arn string ARN of the plan.
        plan_id string Plan.
        name string Name of the plan.
        rule_name string Rule; NULL when the plan could not be read.
        vault_name string Vault the rule writes to.
        schedule string Schedule.
        copies_to strings Vault ARNs it copies to.
        """,
    ),
    table(
        "backup_selections",
        "What AWS Backup plans select.",
        """
        plan_id string Plan.
        selection_id string Selection.
        name string Name.
        resources strings ARNs or patterns; NULL when not read.
        not_resources strings Excluded ARNs or patterns.
        tag_conditions strings `key=value` pairs that select by tag.
        """,
    ),
    table(
        "backup_copy_jobs",
        "Copy jobs of AWS Backup.",
        """
        job_id string Job.
        source_arn string Resource.
        source_vault_arn string From.
        destination_vault_arn string To.
        state string CREATED, RUNNING, COMPLETED, FAILED, PARTIAL.
        created_at time Creation.
        """,
    ),
    table(
        "backup_settings",
        "Global settings of AWS Backup.",
        """
        name string Such as isCrossAccountBackupEnabled.
        value string Value.
        """,
    ),
    # ------------------------------------------------------------------ keys and secrets
    table(
        "kms_keys",
        "KMS keys.",
        """
        arn string ARN.
        key_id string Id.
        manager string AWS or CUSTOMER; NULL when not read.
        state string Enabled, Disabled, PendingDeletion, ...
        origin string AWS_KMS, EXTERNAL, ...
        multi_region bool Multi-Region key.
        aliases strings Aliases; NULL when not read.
        policy_read bool Its key policy was read.
        """,
    ),
    table(
        "secrets",
        "Secrets: metadata and policy, never the value.",
        """
        arn string ARN.
        name string Name.
        description string Description (hostile text).
        kms_key string Key; NULL for the AWS-managed one.
        rotation bool Rotation is on.
        owning_service string Service that manages it.
        last_accessed_at time Day of the last access.
        policy_read bool Its resource policy was read, or AWS said it has none.
        """,
    ),
    # ------------------------------------------------------------------ money and contacts
    table(
        "account_contacts",
        "Alternate contacts of accounts: whether there is one, not who it is.",
        """
        kind string BILLING, OPERATIONS or SECURITY.
        present bool There is one.
        """,
    ),
    table(
        "budgets",
        "Budgets, in the account that keeps them, once for every account they are confined to.",
        """
        name string Name.
        type string COST, USAGE, RI_UTILIZATION, SAVINGS_PLANS_COVERAGE, ...
        time_unit string DAILY, MONTHLY, QUARTERLY, ANNUALLY or CUSTOM.
        limit_amount float Limit; NULL where it is planned month by month or adjusts itself.
        limit_unit string Currency or unit of the limit.
        linked_account_id string An account it is confined to, one row for each; NULL when it is confined to none.
        filtered_by string What else it is confined by, such as Service or TagKeyValue, joined with commas; NULL when by nothing.
        filters_shown bool The answer tells what it is confined by; FALSE where that is an expression, which AWS leaves out.
        ends_at time When it stops watching.
        """,
    ),
    table(
        "cost_allocation_tags",
        "Tag keys the bill has seen, and which of them it splits costs by.",
        """
        key string Tag key.
        type string UserDefined or AWSGenerated.
        active bool It is activated.
        last_used_at time When it was last used.
        """,
    ),
    table(
        "spend_months",
        "The month that costs were read of; no row where none was.",
        """
        starts_at time Its first day.
        estimated bool The bill of the month is not final.
        """,
    ),
    table(
        "spend",
        "What each account cost in that month by service, and once more by Region; without credits, refunds, support and tax.",
        """
        linked_account_id string The account that cost it.
        dimension string service or region.
        value string Name of the service or of the Region.
        amount float Unblended cost in the currency of the bill.
        """,
    ),
    table(
        "untagged_spend",
        "What of it carries no activated tag of a kind.",
        """
        linked_account_id string The account that cost it.
        kind string owner, workload, cost or environment.
        amount float Unblended cost in the currency of the bill.
        """,
    ),
    # ------------------------------------------------------------------ limits
    table(
        "quotas",
        "Quotas in force, those of IAM and of the services that were chosen.",
        """
        arn string ARN.
        service_code string Service, as Service Quotas names it.
        quota_code string Code such as `L-F678F1CE`.
        name string Name.
        value float What is allowed; NULL where the service did not tell.
        adjustable bool AWS raises it on request.
        measured bool AWS measures its use; NULL when that was not read.
        used float Most that was used on a day of the last week, or is used now; NULL when not measured or not read.
        """,
    ),
    table(
        "quota_defaults",
        "What quotas are before they are raised.",
        """
        service_code string Service, as Service Quotas names it.
        quota_code string Code such as `L-F678F1CE`.
        name string Name.
        value float What is allowed at first.
        """,
    ),
    table(
        "api_usage",
        "API operations whose calls CloudWatch counted in the last two weeks.",
        """
        service string Service, as CloudWatch names it.
        operation string Operation, or kind of operation.
        counts_throttles bool Throttled calls of it are counted as well.
        throttled float Calls of it that were throttled in the last week; NULL when not counted or not read.
        """,
    ),
)

TABLES: dict[str, Table] = {declared.name: declared for declared in _DECLARED}
