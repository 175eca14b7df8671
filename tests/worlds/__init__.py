"""A world of simulated news sites on loopback: what each publishes and when, the server, and the judge.

`prose` writes texts, `pages` lays them out, `plan` draws the sites and their timetables from a seed, `server`
answers for all of them and keeps a log, `rounds` crawls by a simulated clock, `judge` reads log and archive.
"""
