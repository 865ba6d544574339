"""Guided steps, sample companies and rehearsals of the whole job."""
