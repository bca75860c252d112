package station

import (
	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

const maxDoorsOfDevice = 16

// depths is how deep the place of each kind of door goes.
var depths = map[models.DoorKind]models.Level{
	models.DoorGate: models.LevelCompound, models.DoorBuilding: models.LevelBuilding, models.DoorUnit: models.LevelUnit,
}

func (r *reader) readDoor(node *yaml.Node) {
	read, ok := r.object(node, "door", "key", "name", "kind", "place", "ways")
	if !ok {
		return
	}
	key := read.key("door")
	door := models.Door{
		ID: r.id("door", key), Name: read.need("name", nameRule),
		Kind: models.DoorKind(read.oneOf("kind", string(models.DoorGate), string(models.DoorBuilding), string(models.DoorUnit))),
	}
	place, found := r.place(read.lineOf("place"), "place", read.need("place", pathRule))
	if want := depths[door.Kind]; found && want != "" && place.Level() != want {
		r.mistakes.add(read.lineOf("place"), "place: a door of kind %s is the door of a %s, not of a %s", door.Kind, want, place.Level())
	}
	door.Place = place
	door.Ways = r.readWays(read)
	if key != "" {
		r.doors[key] = len(r.made.Doors)
		r.made.Doors = append(r.made.Doors, door)
	}
}

func (r *reader) readDevice(node *yaml.Node) {
	read, ok := r.object(node, "device", "key", "name", "kind", "compound", "doors", "driver")
	if !ok {
		return
	}
	key := read.key("device")
	device := models.Device{
		ID: r.id("device", key), Name: read.need("name", nameRule), Kind: read.oneOf("kind", "terminal", "barrier", "camera"),
		Demo: r.options.Demo,
	}
	line := read.lineOf("compound")
	place, found := r.place(line, "compound", read.need("compound", keyRule))
	if found && place.Level() != models.LevelCompound {
		r.mistakes.add(line, "compound: wants the key of a compound")
	}
	device.Place = place
	doors := read.list("doors")
	if len(doors) > maxDoorsOfDevice {
		r.mistakes.add(read.lineOf("doors"), "doors: a device has at most %d", maxDoorsOfDevice)
	}
	for _, door := range doors {
		if id := r.fit(door, device); id != "" {
			device.DoorIDs = append(device.DoorIDs, id)
		}
	}
	if driver := read.fields["driver"]; driver != nil {
		device.Driver = r.readDriver(driver, device.DoorIDs)
	}
	if key != "" {
		r.made.Devices = append(r.made.Devices, device)
	}
}

// fit gives a door to the device that opens it.
func (r *reader) fit(node *yaml.Node, device models.Device) models.ID {
	key := r.text(node, "doors", keyRule)
	at, known := r.doors[key]
	if !known {
		if key != "" {
			r.mistakes.add(node.Line, "doors: there is no door %s", quoted(key))
		}
		return ""
	}
	door := &r.made.Doors[at]
	if before := r.fitted[door.ID]; before != 0 {
		r.mistakes.add(node.Line, "doors: %s has a device already, on line %d", quoted(key), before)
		return ""
	}
	if device.Place.Compound != "" && door.Place.Compound != "" && door.Place.Compound != device.Place.Compound {
		r.mistakes.add(node.Line, "doors: %s is a door of another compound than its device", quoted(key))
	}
	r.fitted[door.ID] = node.Line
	door.DeviceID = device.ID
	return door.ID
}
