package store

import (
	"bytes"
	"time"

	"xunfang/models"
)

// importTables is what the description wants of each table, in the order of the report.
func (s *Store) importTables(description models.Description, now time.Time) []importTable {
	return []importTable{
		importStation(description, now), importCompounds(description, now), importBuildings(description),
		importUnits(description), importHomes(description), importCheckpoints(description, now), importRoutes(description, now),
		importDevices(description, now), importDoors(description, now), importDrivers(description), s.importPeople(description, now),
		importGrants(description, now), importStreetPosts(description, now), importSquads(description, now),
		importShifts(description, now), importRoundPlans(description, now),
		importStationKey(description),
	}
}

// importStationKey writes the key that anonymous tips are sealed to, where the description has one.
func importStationKey(description models.Description) importTable {
	wanted := []stationKeyRow{}
	if info := description.Station; info.TipKey != "" {
		wanted = append(wanted, stationKeyRow{StationID: info.ID, PublicKey: info.TipKey})
	}
	return &described[stationKeyRow]{
		kind: "tip_key", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *stationKeyRow) models.ID { return row.StationID },
		columns: []string{"public_key"}, wanted: wanted, merge: differs[stationKeyRow],
	}
}

// rowsOf makes the rows of described things.
func rowsOf[From, To any](things []From, row func(From) To) []To {
	rows := make([]To, 0, len(things))
	for _, thing := range things {
		rows = append(rows, row(thing))
	}
	return rows
}

// differs says whether two rows are not the same, for rows that can be compared.
func differs[T comparable](want, have *T) (bool, error) { return *want != *have, nil }

func importStation(description models.Description, now time.Time) importTable {
	info := description.Station
	return &described[stationRow]{
		kind: "station", keys: description.Keys, scope: "id", station: info.ID,
		id:      func(row *stationRow) models.ID { return row.ID },
		columns: []string{"name", "time_zone", "lat", "lng"},
		wanted: []stationRow{{
			ID: info.ID, Name: info.Name, TimeZone: info.TimeZone, Lat: info.Centre.Lat, Lng: info.Centre.Lng, CreatedAt: millis(now),
		}},
		merge: func(want, have *stationRow) (bool, error) {
			want.CreatedAt = have.CreatedAt
			return differs(want, have)
		},
	}
}

func importCompounds(description models.Description, now time.Time) importTable {
	return &described[compoundRow]{
		kind: "compounds", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *compoundRow) models.ID { return row.ID },
		columns: []string{"name", "kind", "lat", "lng"},
		wanted: rowsOf(description.Compounds, func(compound models.Compound) compoundRow {
			compound.CreatedAt = now
			return newCompoundRow(compound)
		}),
		merge: func(want, have *compoundRow) (bool, error) {
			want.CreatedAt = have.CreatedAt
			return differs(want, have)
		},
		name: func(row *compoundRow) string { return row.Name }, column: "name",
	}
}

func importBuildings(description models.Description) importTable {
	return &described[buildingRow]{
		kind: "buildings", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *buildingRow) models.ID { return row.ID },
		columns: []string{"name"},
		wanted: rowsOf(description.Buildings, func(building models.Building) buildingRow {
			return buildingRow{
				ID: building.ID, StationID: building.Place.Station, CompoundID: building.Place.Compound, Name: building.Name,
			}
		}),
		merge: differs[buildingRow],
		name:  func(row *buildingRow) string { return string(row.CompoundID) + row.Name }, column: "name",
	}
}

func importUnits(description models.Description) importTable {
	return &described[unitRow]{
		kind: "units", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *unitRow) models.ID { return row.ID },
		columns: []string{"name"},
		wanted: rowsOf(description.Units, func(unit models.Unit) unitRow {
			return unitRow{
				ID: unit.ID, StationID: unit.Place.Station, CompoundID: unit.Place.Compound, BuildingID: unit.Place.Building, Name: unit.Name,
			}
		}),
		merge: differs[unitRow],
		name:  func(row *unitRow) string { return string(row.BuildingID) + row.Name }, column: "name",
	}
}

func importHomes(description models.Description) importTable {
	return &described[homeRow]{
		kind: "homes", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *homeRow) models.ID { return row.ID },
		columns: []string{"label"},
		wanted: rowsOf(description.Homes, func(home models.Home) homeRow {
			return homeRow{
				ID: home.ID, StationID: home.Place.Station, CompoundID: home.Place.Compound, BuildingID: home.Place.Building,
				UnitID: home.Place.Unit, Label: home.Label,
			}
		}),
		merge: differs[homeRow],
		name:  func(row *homeRow) string { return string(row.UnitID) + row.Label }, column: "label",
	}
}

func importCheckpoints(description models.Description, now time.Time) importTable {
	return &described[checkpointRow]{
		kind: "checkpoints", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *checkpointRow) models.ID { return row.ID },
		columns: []string{"compound_id", "name", "lat", "lng", "radius_m", "methods", "nfc_mac", "key_place"},
		wanted: rowsOf(description.Checkpoints, func(checkpoint models.Checkpoint) checkpointRow {
			checkpoint.CreatedAt = now
			return newCheckpointRow(checkpoint)
		}),
		merge: func(want, have *checkpointRow) (bool, error) {
			want.CreatedAt = have.CreatedAt
			if want.NfcMac == nil {
				want.NfcMac = have.NfcMac
			}
			same := want.CompoundID == have.CompoundID && want.Name == have.Name && want.Lat == have.Lat && want.Lng == have.Lng &&
				want.RadiusM == have.RadiusM && want.Methods == have.Methods && want.KeyPlace == have.KeyPlace
			return !same || !bytes.Equal(want.NfcMac, have.NfcMac), nil
		},
		name: func(row *checkpointRow) string { return row.Name }, column: "name",
	}
}

func importRoutes(description models.Description, now time.Time) importTable {
	stops := parts[routeRow, routeCheckpointRow]{
		owner: "route_id", of: func(stop routeCheckpointRow) models.ID { return stop.RouteID }, wanted: map[models.ID][]routeCheckpointRow{},
	}
	return &described[routeRow]{
		kind: "routes", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *routeRow) models.ID { return row.ID },
		columns: []string{"name", "direction", "officer_id"},
		wanted: rowsOf(description.Routes, func(route models.Route) routeRow {
			stops.wanted[route.ID] = newRouteCheckpointRows(route)
			return routeRow{
				ID: route.ID, StationID: route.StationID, Name: route.Name, Direction: route.Direction, OfficerID: route.OfficerID,
				CreatedAt: millis(now),
			}
		}),
		merge: func(want, have *routeRow) (bool, error) {
			want.CreatedAt = have.CreatedAt
			if want.OfficerID == "" {
				want.OfficerID = have.OfficerID
			}
			return differs(want, have)
		},
		name: func(row *routeRow) string { return row.Name }, column: "name",
		prepare: stops.compare, finish: stops.write,
	}
}
