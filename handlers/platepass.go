package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// usesNone says whether a reading at a barrier uses no pass: on the way out, once more in an arrival, or where it stayed shut.
func usesNone(arrival models.Arrival, read models.PlateRead, pass models.ID) bool {
	return arrival.Direction == models.DirectionOut || arrival.Opened && arrival.PassID == pass ||
		read.Replayed && read.Decision != models.DecisionOpen
}

// takePass finds the visitor's pass that a plate stands in and that held when it was read, by its hours too. A vehicle that comes in
// by it uses it: once an arrival, however often it is read. On its way out it uses none, and one that is used up lets it out.
func (h *Server) takePass(
	ctx context.Context, tx *store.Store, barrier models.Device, arrival models.Arrival, read models.PlateRead, found *models.Found,
) ([]models.Alert, error) {
	if read.Tag || found.Resident || !arrival.Follows(read, *found) {
		return nil, nil
	}
	at := api.From(ctx).Now
	if read.Replayed { // a pass of now was none then
		at = read.ReadAt
	}
	passes, err := tx.VehiclePassesAt(ctx, barrier.Place.Compound, h.Keys.BlindIndex("plate", read.Mark.Reveal()), at)
	if err != nil || len(passes) == 0 {
		return nil, err
	}
	zone, err := tx.StationZone(ctx, barrier.Place.Station)
	if err != nil {
		return nil, err
	}
	for _, pass := range passes { // a cleaner's pass, outside of its hours, hides no other
		if !pass.HoldsThen(at, zone) {
			continue
		}
		if usesNone(arrival, read, pass.ID) {
			found.PassID = pass.ID
			return nil, nil
		}
		used, err := tx.UseVisitorPlate(ctx, pass.ID, barrier.ID, at)
		if err != nil {
			return nil, err
		}
		if !used.Used {
			continue
		}
		if found.PassID = pass.ID; used.Begins && used.Pass.Uses == 1 {
			return h.tellHost(ctx, tx, used.Pass, passUsed)
		}
		return nil, nil
	}
	return nil, nil
}
