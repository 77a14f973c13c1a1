"""What is done for speed changes nothing else."""
