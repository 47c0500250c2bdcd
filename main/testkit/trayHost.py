# The part of a desktop that shows tray icons, for tests, on GLib's D-Bus: owns the watcher's name and says whether anybody
# shows icons. With `--no-host` nobody does.
import sys

from gi.repository import Gio, GLib

NAME = "org.kde.StatusNotifierWatcher"
XML = """<node><interface name="org.kde.StatusNotifierWatcher">
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
</interface></node>"""


def read(bus, sender, path, interface, name):
    return GLib.Variant("b", "--no-host" not in sys.argv)


loop = GLib.MainLoop()
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
bus.register_object("/StatusNotifierWatcher", interface, None, read, None)
Gio.bus_own_name_on_connection(
    bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: print("owned", flush=True), lambda *_: sys.exit(1))
loop.run()
