"""What is measured rather than tested: figures that are printed, compared, and asserted nowhere."""
