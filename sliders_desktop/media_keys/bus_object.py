"""An object as others see it on the message bus: methods, properties and signals from one table.

Values are written as jeepney does: a variant is its signature and its value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from jeepney.low_level import HeaderFields, Message, MessageFlag
from jeepney.wrappers import DBusAddress, new_error, new_method_return, new_signal

PROPERTIES = "org.freedesktop.DBus.Properties"
ERROR = "org.freedesktop.DBus.Error."

Arguments = tuple[tuple[str, str], ...]  # each a name and its signature


class Refused(Exception):
    """A call that gets an error for an answer; ``name`` is one of the bus's own."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = ERROR + name


@dataclass(frozen=True)
class Method:
    call: Callable[..., Any]
    takes: Arguments = ()
    gives: Arguments = ()


@dataclass(frozen=True)
class Property:
    signature: str
    read: Callable[[], Any]
    write: Callable[[Any], None] | None = None
    announced: bool = True

    def variant(self) -> tuple[str, Any]:
        return self.signature, self.read()


@dataclass(frozen=True)
class Interface:
    methods: Mapping[str, Method] = field(default_factory=dict)
    properties: Mapping[str, Property] = field(default_factory=dict)
    signals: Mapping[str, Arguments] = field(default_factory=dict)


class BusObject:
    """Answers calls at ``path``, and knows which properties have changed."""

    def __init__(self, path: str, interfaces: Mapping[str, Interface]) -> None:
        self.path = path
        self._own = dict(interfaces)
        self._interfaces = {**interfaces, **self._standard()}
        self._announced = self._read_announced()

    def _standard(self) -> dict[str, Interface]:
        interface, name = ("interface_name", "s"), ("property_name", "s")
        return {
            PROPERTIES: Interface(
                {
                    "Get": Method(self._get, (interface, name), (("value", "v"),)),
                    "GetAll": Method(self._get_all, (interface,), (("properties", "a{sv}"),)),
                    "Set": Method(self._set, (interface, name, ("value", "v"))),
                },
                signals={
                    "PropertiesChanged": (
                        interface,
                        ("changed_properties", "a{sv}"),
                        ("invalidated_properties", "as"),
                    )
                },
            ),
            "org.freedesktop.DBus.Introspectable": Interface(
                {"Introspect": Method(self._introspect, gives=(("xml_data", "s"),))}
            ),
            "org.freedesktop.DBus.Peer": Interface({"Ping": Method(lambda: None)}),
        }

    # calls

    def answer(self, call: Message) -> Message | None:
        """Do what is asked; None where the caller wants no answer."""
        try:
            answer = self._carry_out(call)
        except Refused as refused:
            answer = new_error(call, refused.name, "s", (str(refused),))
        return None if call.header.flags & MessageFlag.no_reply_expected else answer

    def _carry_out(self, call: Message) -> Message:
        fields = call.header.fields
        at, name = fields.get(HeaderFields.path), fields.get(HeaderFields.member)
        if at != self.path:
            return self._on_the_way(call, str(at), str(name))
        method = self._method(fields.get(HeaderFields.interface), str(name))
        wanted = "".join(signature for _, signature in method.takes)
        if fields.get(HeaderFields.signature, "") != wanted:
            raise Refused("InvalidArgs", f"{name} takes “{wanted}”.")
        result = method.call(*call.body)
        if not method.gives:
            return new_method_return(call)
        return new_method_return(call, method.gives[0][1], (result,))

    def _method(self, interface: str | None, name: str) -> Method:
        """Whoever names no interface gets the first that has this method."""
        if interface is not None and interface not in self._interfaces:
            raise Refused("UnknownInterface", f"There is no interface {interface}.")
        places = self._interfaces if interface is None else [interface]
        for place in places:
            if name in self._interfaces[place].methods:
                return self._interfaces[place].methods[name]
        raise Refused("UnknownMethod", f"There is no method {name}.")

    def _on_the_way(self, call: Message, at: str, name: str) -> Message:
        """Paths above ours only lead to it."""
        above = at.rstrip("/") + "/"
        if not self.path.startswith(above) or name != "Introspect":
            raise Refused("UnknownObject", f"There is nothing at {at}.")
        step = self.path.removeprefix(above).split("/")[0]
        return new_method_return(call, "s", (f'<node><node name="{step}"/></node>',))

    # properties

    def _property(self, interface: str, name: str) -> Property:
        if interface not in self._interfaces:
            raise Refused("UnknownInterface", f"There is no interface {interface}.")
        known = self._interfaces[interface].properties
        if name not in known:
            raise Refused("UnknownProperty", f"There is no property {name}.")
        return known[name]

    def _get(self, interface: str, name: str) -> tuple[str, Any]:
        return self._property(interface, name).variant()

    def _get_all(self, interface: str) -> dict[str, tuple[str, Any]]:
        if interface not in self._interfaces:
            raise Refused("UnknownInterface", f"There is no interface {interface}.")
        return {n: p.variant() for n, p in self._interfaces[interface].properties.items()}

    def _set(self, interface: str, name: str, variant: tuple[str, Any]) -> None:
        known = self._property(interface, name)
        signature, value = variant
        if known.write is None:
            raise Refused("PropertyReadOnly", f"{name} can only be read.")
        if signature != known.signature:
            raise Refused("InvalidArgs", f"{name} is a “{known.signature}”.")
        known.write(value)

    def _read_announced(self) -> dict[str, dict[str, tuple[str, Any]]]:
        return {
            name: {n: p.variant() for n, p in interface.properties.items() if p.announced}
            for name, interface in self._own.items()
        }

    # signals

    def changes(self) -> Iterable[Message]:
        """One message an interface, with what has another value than when this was last asked."""
        before, self._announced = self._announced, self._read_announced()
        for interface, now in self._announced.items():
            changed = {n: value for n, value in now.items() if before[interface][n] != value}
            if changed:
                yield self.signal(PROPERTIES, "PropertiesChanged", interface, changed, [])

    def signal(self, interface: str, name: str, *values: Any) -> Message:
        signature = "".join(s for _, s in self._interfaces[interface].signals[name])
        return new_signal(DBusAddress(self.path, interface=interface), name, signature, values)

    # what it is, in XML

    def _introspect(self) -> str:
        lines = ["<node>"]
        for name, interface in self._interfaces.items():
            lines.append(f"<interface name={quoteattr(name)}>")
            for method_name, method in interface.methods.items():
                inner = _arguments(method.takes, "in") + _arguments(method.gives, "out")
                lines.append(f'<method name="{method_name}">{inner}</method>')
            for signal, arguments in interface.signals.items():
                lines.append(f'<signal name="{signal}">{_arguments(arguments)}</signal>')
            for property_name, p in interface.properties.items():
                access = "read" if p.write is None else "readwrite"
                says = "true" if p.announced else "false"
                lines.append(
                    f'<property name="{property_name}" type="{p.signature}" access="{access}">'
                    '<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal"'
                    f' value="{says}"/></property>'
                )
            lines.append("</interface>")
        return "\n".join([*lines, "</node>"])


def _arguments(arguments: Arguments, direction: str = "") -> str:
    way = f' direction="{direction}"' if direction else ""
    return "".join(f'<arg name="{name}" type="{kind}"{way}/>' for name, kind in arguments)
