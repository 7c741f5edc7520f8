"""Documents and their payments: rows and reads. Who writes them is above (`feed`)."""
