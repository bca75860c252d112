package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

const (
	password         = "bench-password-1"
	checkpointsCount = 100
	busyCheckpoint   = 0 // of the list
)

// centre is where the station lies; nothing depends on it.
var centre = models.Position{Lat: 30.5, Lng: 105.6}

// member is somebody, or something, that calls.
type member struct {
	id      models.ID
	session models.ID
	roles   []models.Role
	device  bool
	secret  models.Secret // of a device
	door    models.ID     // of a device
	account string        // of a person with a password
	home    models.Place  // of a resident
	bearer  []byte        // Authorization, renewed by rig.authorize
}

// station is the neighbourhood that the benchmark plays in.
type station struct {
	place       models.Place // down to the unit all homes lie in
	commander   member
	patrol      []member // volunteers, who check in and sign in
	residents   []member
	devices     []member // one door each
	checkpoints []models.Checkpoint
}

func newID() models.ID { return models.ID(uuid.Must(uuid.NewV7()).String()) }

// newStation writes the neighbourhood through the store, as the product itself would.
func newStation(ctx context.Context, database *database, opened *store.Store, doorsCount int) (*station, error) {
	now := time.Now()
	made := &station{place: models.Place{Station: newID(), Compound: newID()}}
	if _, err := database.raw.ExecContext(ctx,
		"INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		string(made.place.Station), "Bench", "Asia/Shanghai", centre.Lat, centre.Lng, now.UnixMilli()); err != nil {
		return nil, err
	}
	hash, err := auth.NewPasswords(1, time.Minute, rand.Reader).Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	// All of it in one transaction, which Atomically may run again: it starts from nothing each time.
	start := *made
	err = opened.Atomically(ctx, func(tx *store.Store) error {
		*made = start
		writing := writer{tx: tx, now: now, hash: models.Secret(hash), station: made}
		for _, step := range []func(context.Context) error{
			writing.places, writing.people,
			func(ctx context.Context) error { return writing.doors(ctx, doorsCount) },
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// writer writes the parts of a station.
type writer struct {
	tx      *store.Store
	now     time.Time
	hash    models.Secret // of password
	station *station
}

func (w *writer) places(ctx context.Context) error {
	made := w.station
	err := w.tx.AddCompound(ctx, models.Compound{
		ID: made.place.Compound, StationID: made.place.Station, Name: "Bench", Kind: "ordinary", Centre: centre, CreatedAt: w.now,
	})
	if err != nil {
		return err
	}
	building, err := w.tx.EnsureBuilding(ctx, models.Building{ID: newID(), Place: made.place, Name: "1"})
	if err != nil {
		return err
	}
	unit, err := w.tx.EnsureUnit(ctx, models.Unit{ID: newID(), Place: building.Place, Name: "1"})
	if err != nil {
		return err
	}
	made.place = unit.Place
	for number := range checkpointsCount {
		checkpoint := models.Checkpoint{
			ID: newID(), Place: models.Place{Station: made.place.Station}, Name: fmt.Sprint("checkpoint ", number), RadiusM: 50,
			At:      models.Position{Lat: centre.Lat + float64(number)/1000, Lng: centre.Lng},
			Methods: []models.CheckInMethod{models.MethodGPS}, CreatedAt: w.now,
		}
		if err := w.tx.AddCheckpoint(ctx, checkpoint); err != nil {
			return err
		}
		made.checkpoints = append(made.checkpoints, checkpoint)
	}
	return nil
}

func (w *writer) people(ctx context.Context) (err error) {
	made, whole := w.station, models.Place{Station: w.station.place.Station}
	if made.commander, err = w.person(ctx, models.RoleCommander, whole, "bench-commander"); err != nil {
		return err
	}
	for number := range maxCallers {
		volunteer, err := w.person(ctx, models.RoleVolunteer, whole, fmt.Sprint("bench-volunteer-", number))
		if err != nil {
			return err
		}
		home := models.Home{ID: newID(), Place: made.place, Label: fmt.Sprint(100 + number)}
		home.Place.Home = home.ID
		if err := w.tx.AddHome(ctx, home); err != nil {
			return err
		}
		resident, err := w.person(ctx, models.RoleResident, home.Place, fmt.Sprint("bench-resident-", number))
		if err != nil {
			return err
		}
		resident.home = home.Place
		made.patrol, made.residents = append(made.patrol, volunteer), append(made.residents, resident)
	}
	return nil
}

func (w *writer) person(ctx context.Context, role models.Role, place models.Place, account string) (member, error) {
	person := member{id: newID(), session: newID(), roles: []models.Role{role}, account: account}
	err := w.tx.AddPerson(ctx, models.Person{
		ID: person.id, StationID: place.Station, Name: models.Secret(account), Account: account, PasswordHash: w.hash, CreatedAt: w.now,
	})
	if err != nil {
		return person, err
	}
	err = w.tx.AddGrant(ctx, models.Grant{
		ID: newID(), PersonID: person.id, Role: role, Place: place, StartsAt: w.now.Add(-time.Minute),
	}, w.now)
	if err != nil {
		return person, err
	}
	return person, w.openSession(ctx, person)
}

func (w *writer) openSession(ctx context.Context, who member) error {
	ends := w.now.Add(models.RefreshTokenLife)
	refresh, err := auth.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	return w.tx.AddSession(ctx, models.Session{
		ID: who.session, SubjectID: who.id, StationID: w.station.place.Station, Device: who.device,
		CreatedAt: w.now, LastUsedAt: w.now, ExpiresAt: ends,
	}, models.RefreshToken{Hash: auth.HashSecret(refresh), SessionID: who.session, IssuedAt: w.now, ExpiresAt: ends})
}

// doors are gates of the compound, each with a controller of its own.
func (w *writer) doors(ctx context.Context, count int) error {
	compound := models.Place{Station: w.station.place.Station, Compound: w.station.place.Compound}
	for number := range count {
		secret, err := auth.NewSecret(rand.Reader)
		if err != nil {
			return err
		}
		device := member{id: newID(), session: newID(), device: true, roles: []models.Role{models.RoleDevice}, secret: secret, door: newID()}
		name := fmt.Sprint("gate ", number)
		door := models.Door{ID: device.door, Place: compound, Name: name, Kind: models.DoorGate, CreatedAt: w.now}
		if err := w.tx.AddDoor(ctx, door); err != nil {
			return err
		}
		if err := w.tx.AddDevice(ctx, models.Device{
			ID: device.id, Place: compound, Name: name, Kind: "terminal", SecretHash: auth.HashSecret(secret),
			DoorIDs: []models.ID{device.door}, CreatedAt: w.now,
		}); err != nil {
			return err
		}
		if err := w.openSession(ctx, device); err != nil {
			return err
		}
		w.station.devices = append(w.station.devices, device)
	}
	return nil
}
