# A desktop's notification service for tests, on GLib's D-Bus: shows nothing, and says on stdout what it was asked for, one JSON
# line for each. What a person would do comes in on stdin: `click ID`, `dismiss ID`; each is answered. With `--plain` it reads no markup, with
# `--refuse` it refuses every notification, a long one in its own words, with `--odd` it answers with a word where a number belongs.
import json
import os
import sys

from gi.repository import Gio, GLib

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
XML = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""

ODD = "--odd" in sys.argv
if ODD:
    XML = XML.replace('<arg type="u" direction="out"/></method>\n<method name="Close', '<arg type="s" direction="out"/></method>\n<method name="Close')

loop = GLib.MainLoop()
last = 0


def say(**what):
    print(json.dumps(what), flush=True)


def asked(bus, sender, path, interface, method, given, call):
    global last
    if method == "Notify":
        app, replaces, icon, summary, body, actions, hints, timeout = given.unpack()
        if "--refuse" in sys.argv:
            call.return_dbus_error("org.freedesktop.Notifications.Error.TooMany", body if len(body) > 1000 else "too <many> of them")
            return
        number = replaces or last + 1
        last = max(last, number)
        say(kind="notify", sender=sender, id=number, replaces=replaces, app=app, summary=summary, body=body, actions=actions, hints=hints, timeout=timeout)
        call.return_value(GLib.Variant("(s)", ("many",)) if ODD else GLib.Variant("(u)", (number,)))
    elif method == "CloseNotification":
        say(kind="close", id=given.unpack()[0])
        call.return_value(None)
    elif method == "GetCapabilities":
        call.return_value(GLib.Variant("(as)", (["actions", "body"] + ([] if "--plain" in sys.argv else ["body-markup"]),)))
    else:
        call.return_value(GLib.Variant("(ssss)", ("recorder", "Foredeck's tests", "1.0", "1.2")))


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
bus.register_object(PATH, interface, asked, None, None)


def told(source, condition):
    lines = os.read(0, 4096).decode().splitlines()
    if not lines:
        loop.quit()
        return False
    for what, number in (line.split() for line in lines):
        if what == "click":
            bus.emit_signal(None, PATH, NAME, "ActionInvoked", GLib.Variant("(us)", (int(number), "default")))
        elif what == "dismiss":
            bus.emit_signal(None, PATH, NAME, "NotificationClosed", GLib.Variant("(uu)", (int(number), 2)))
        say(kind="did")
    return True


GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, told)
Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: say(kind="owned"), lambda *_: sys.exit(1))
loop.run()
