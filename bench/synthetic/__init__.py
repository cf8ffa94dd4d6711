"""What a synthetic organization is made of: SQL over account numbers, and templates of policy documents."""
