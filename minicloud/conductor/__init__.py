"""Moves instances on: takes what is due, asks for hosts, and turns reports into states."""
