"""What tests share: small worlds, a table language, a naive exchange as judge and an auditor of events."""
