"""Where to look next: effort, routes, leg checks, replanning and the files ground stations fly.

In: a search map, platforms, airspace and what the gates of law answer. Out: sorties whose legs were checked
one by one, and the reasons for what was left out.
"""
