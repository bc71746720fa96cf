"""Sorties in the files real ground stations fly, each re-read and compared before it counts as written.

In: sorties, fences, homes. Out: QGroundControl plans, QGC WPL 110, KML and KMZ, GeoJSON, GPX, CSV,
CMASI, ICAO flight plans; missions of autopilots (`mavlink` talks to them). Every height carries its datum,
every conversion its name.
"""

from atalaya.plan.exports.compare import Difference, Tolerance, differences, first_difference
from atalaya.plan.exports.export import Exported, export, export_mission, read_mission, read_routes
from atalaya.plan.exports.fence import Fence, FenceCircle, FencePolygon, RallyPoint
from atalaya.plan.exports.flight_plan import FlightPlanFields, flight_plan_of
from atalaya.plan.exports.flight_plan_read import read_flight_plan
from atalaya.plan.exports.flight_plan_text import FlightPlan, flight_plan_text
from atalaya.plan.exports.heights import Heights
from atalaya.plan.exports.mission import Autopilot, Command, Frame, Home, Mission, MissionItem
from atalaya.plan.exports.resume import resumed
from atalaya.plan.exports.route import Route, RouteFile, Swath, route_of
from atalaya.plan.exports.sensor_items import Camera
from atalaya.plan.exports.sortie_mission import MissionOptions, mission_of
from atalaya.plan.exports.swath import corridors_of, sensor_swaths

__all__ = [
    "Autopilot",
    "Camera",
    "Command",
    "Difference",
    "Exported",
    "Fence",
    "FenceCircle",
    "FencePolygon",
    "FlightPlan",
    "FlightPlanFields",
    "Frame",
    "Heights",
    "Home",
    "Mission",
    "MissionItem",
    "MissionOptions",
    "RallyPoint",
    "Route",
    "RouteFile",
    "Swath",
    "Tolerance",
    "corridors_of",
    "differences",
    "export",
    "export_mission",
    "first_difference",
    "flight_plan_of",
    "flight_plan_text",
    "mission_of",
    "read_flight_plan",
    "read_mission",
    "read_routes",
    "resumed",
    "route_of",
    "sensor_swaths",
]
