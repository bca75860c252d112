package store

import (
	"context"

	"xunfang/models"
)

// importedDrivers is the part of an import about devices of other makers. A device that the file gives no driver keeps
// what it has; a secret, which never stands in a file, stays while kind, address and serial number do.
type importedDrivers struct {
	wanted         []models.Device
	added, updated []models.Device
	moved          map[models.ID]bool // to other hardware: the numbers of its events mean nothing any more
	unchanged      int
}

func importDrivers(description models.Description) importTable {
	made := &importedDrivers{moved: map[models.ID]bool{}}
	for _, device := range description.Devices {
		if !device.Driver.Ours() {
			made.wanted = append(made.wanted, device)
		}
	}
	return made
}

func (d *importedDrivers) plan(ctx context.Context, tx *Store, _ *importPlan) error {
	return inParts(d.wanted, importValues, func(some []models.Device) error {
		ids := make([]models.ID, 0, len(some))
		for _, device := range some {
			ids = append(ids, device.ID)
		}
		have, err := tx.drivers(ctx, ids)
		if err != nil {
			return err
		}
		for _, device := range some {
			before, known := have[device.ID]
			if known && device.Driver.SameHardware(before) {
				device.Driver.Secret = before.Secret
			}
			switch {
			case !known:
				d.added = append(d.added, device)
			case device.Driver.Same(before):
				d.unchanged++
			default:
				d.updated = append(d.updated, device)
				d.moved[device.ID] = !device.Driver.SameHardware(before)
			}
		}
		return nil
	})
}

func (d *importedDrivers) write(ctx context.Context, tx *Store, planned *importPlan) error {
	for _, list := range [][]models.Device{d.added, d.updated} {
		for _, device := range list {
			if err := tx.SetDeviceDriver(ctx, device); err != nil {
				return err
			}
			if d.moved[device.ID] {
				if err := tx.ForgetDeviceCursor(ctx, device.ID); err != nil {
					return err
				}
			}
			planned.wrote(1)
		}
	}
	return nil
}

func (d *importedDrivers) count() ImportCount {
	return ImportCount{Kind: "drivers", Added: len(d.added), Updated: len(d.updated), Unchanged: d.unchanged}
}
