"""What every door that speaks JSON shares: parameters in, replies and errors out."""
