"""The definition of labs as Kubernetes' custom resources have one. It is read and never written:
there is one kind of such objects, and it is part of the program."""
