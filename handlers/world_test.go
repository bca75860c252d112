package handlers_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/crypto/argon2"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// world is a small neighbourhood: station A with compounds One and Two, station B with Three.
//
//	One   building 1: unit 1: homes 101 and 102; unit 2: home 201    building 2: unit 1: home 301
//	Two   building 1: unit 1: home 101                               (station A)
//	Three building 1: unit 1: home 101                               (station B)
//
// Every role is held in One (the commander and the administrator hold station A, the resident
// lives in home 101, the device controls One's unit door); the others are there to be foreign.
type world struct {
	A, B            models.ID
	One, Two, Three *compound

	Commander, Officer, Auxiliary, GridWorker, Activist *caller
	Property, Guard, Volunteer, Committee, Resident     *caller
	Admin, Device                                       *caller
	Reporter                                            *caller // holds the receipt of a tip of station A; see rig.as

	Flatmate  *caller // resident of home 101 of One, like Resident
	Neighbour *caller // resident of home 301 of One: same compound, other building
	Stranger  *caller // resident of home 101 of Two: same station, other compound
	Outsider  *caller // resident of home 101 of Three: other station

	OfficerTwo, PropertyTwo, GuardTwo, VolunteerTwo *caller // in Two
	CommanderB, AdminB                              *caller // of station B
	OfficerB, PropertyB, GuardB, VolunteerB         *caller // in Three

	Route, RouteB models.ID
	Street        models.ID // a checkpoint of station A in no compound
}

// compound is one compound with everything in it.
type compound struct {
	Place                     models.Place
	Building, Building2       models.Place
	Unit, Unit2, OtherUnit    models.Place // units 1 and 2 of building 1; unit 1 of building 2
	Home, Home102, Home201    models.Place // 101, 102 beside it, 201 in unit 2
	OtherHome                 models.Place // 301 in building 2
	Gate                      models.ID    // doors
	BuildingDoor, UnitDoor    models.ID
	OtherUnitDoor             models.ID // of building 2: not on the way to home 101
	GateDevice, UnitDevice    *caller   // GateDevice controls gate and building door
	OtherUnitDevice           *caller
	Checkpoint                models.ID
	At                        models.Position
	Name, BuildingName, Label string
}

// ID is the compound's id.
func (c *compound) ID() models.ID { return c.Place.Compound }

// testPassword is everybody's password.
const testPassword = "巡防-测试-2026"

// cheapHash is testPassword hashed at the lowest cost that auth reads.
var cheapHash = func() models.Secret {
	salt := []byte("sixteen byte salt")[:16]
	hash := argon2.IDKey([]byte(testPassword), salt, 1, 8, 1, 32)
	encode := base64.RawStdEncoding.EncodeToString
	return models.Secret(fmt.Sprintf("$argon2id$v=19$m=8,t=1,p=1$%s$%s", encode(salt), encode(hash)))
}()

// as gives the holder of a role in One.
func (w *world) as(role models.Role) *caller {
	return map[models.Role]*caller{
		models.RoleCommander: w.Commander, models.RoleOfficer: w.Officer, models.RoleAuxiliary: w.Auxiliary,
		models.RoleGridWorker: w.GridWorker, models.RoleActivist: w.Activist, models.RoleProperty: w.Property,
		models.RoleGuard: w.Guard, models.RoleVolunteer: w.Volunteer, models.RoleCommittee: w.Committee,
		models.RoleResident: w.Resident, models.RoleAdmin: w.Admin, models.RoleDevice: w.Device,
	}[role]
}

// maker writes a world in one transaction.
type maker struct {
	rig    *rig
	ctx    context.Context
	tx     *store.Store
	people int
	err    error
}

func newWorld(t *testing.T, r *rig) *world {
	t.Helper()
	w := &world{A: r.ids.next(), B: r.ids.next()}
	for id, name := range map[models.ID]string{w.A: "慈安派出所", w.B: "河西派出所"} {
		_, err := r.sql.Exec("INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			string(id), name, "Asia/Shanghai", 30.52, 105.60, r.clock.Now().UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
	}
	r.write(func(ctx context.Context, tx *store.Store) error {
		m := &maker{rig: r, ctx: ctx, tx: tx}
		m.places(w)
		m.everybody(w)
		m.patrol(w)
		return m.err
	})
	r.write(func(ctx context.Context, tx *store.Store) error {
		return errors.Join(tx.PutStationKey(ctx, w.A, r.stationKey), tx.PutStationKey(ctx, w.B, r.stationKey))
	})
	return w
}

func (m *maker) keep(err error) {
	if m.err == nil {
		m.err = err
	}
}

func (m *maker) places(w *world) {
	w.One = m.compound(w.A, "阳光小区", models.Position{Lat: 30.5200, Lng: 105.6010})
	w.Two = m.compound(w.A, "河东小区", models.Position{Lat: 30.5300, Lng: 105.6110})
	w.Three = m.compound(w.B, "西苑小区", models.Position{Lat: 30.6200, Lng: 105.5010})
}

func (m *maker) compound(station models.ID, name string, at models.Position) *compound {
	row := models.Compound{
		ID: m.rig.ids.next(), StationID: station, Name: name, Kind: "ordinary", Centre: at, CreatedAt: m.rig.clock.Now(),
	}
	m.keep(m.tx.AddCompound(m.ctx, row))
	c := &compound{Place: row.Place(), Name: name, BuildingName: "1栋", Label: "101", At: at}
	c.Building, c.Building2 = m.building(c.Place, "1栋"), m.building(c.Place, "2栋")
	c.Unit, c.Unit2, c.OtherUnit = m.unit(c.Building, "1单元"), m.unit(c.Building, "2单元"), m.unit(c.Building2, "1单元")
	c.Home, c.Home102, c.Home201 = m.home(c.Unit, "101"), m.home(c.Unit, "102"), m.home(c.Unit2, "201")
	c.OtherHome = m.home(c.OtherUnit, "301")
	c.Gate = m.door(c.Place, models.DoorGate, name+"大门")
	c.BuildingDoor = m.door(c.Building, models.DoorBuilding, name+"1栋门")
	c.UnitDoor = m.door(c.Unit, models.DoorUnit, name+"1栋1单元门")
	c.OtherUnitDoor = m.door(c.OtherUnit, models.DoorUnit, name+"2栋1单元门")
	c.GateDevice = m.device(c.Place, "大门控制器", c.Gate, c.BuildingDoor)
	c.UnitDevice = m.device(c.Place, "单元门控制器", c.UnitDoor)
	c.OtherUnitDevice = m.device(c.Place, "2栋控制器", c.OtherUnitDoor)
	return c
}

func (m *maker) building(place models.Place, name string) models.Place {
	made, err := m.tx.EnsureBuilding(m.ctx, models.Building{ID: m.rig.ids.next(), Place: place, Name: name})
	m.keep(err)
	return made.Place
}

func (m *maker) unit(place models.Place, name string) models.Place {
	made, err := m.tx.EnsureUnit(m.ctx, models.Unit{ID: m.rig.ids.next(), Place: place, Name: name})
	m.keep(err)
	return made.Place
}

func (m *maker) home(place models.Place, label string) models.Place {
	place.Home = m.rig.ids.next()
	m.keep(m.tx.AddHome(m.ctx, models.Home{ID: place.Home, Place: place, Label: label}))
	return place
}

func (m *maker) door(place models.Place, kind models.DoorKind, name string) models.ID {
	door := models.Door{ID: m.rig.ids.next(), Place: place, Kind: kind, Name: name, CreatedAt: m.rig.clock.Now()}
	m.keep(m.tx.AddDoor(m.ctx, door))
	return door.ID
}

func (m *maker) device(place models.Place, name string, doors ...models.ID) *caller {
	id := m.rig.ids.next()
	secret := "secret of " + string(id)
	m.keep(m.tx.AddDevice(m.ctx, models.Device{
		ID: id, Place: place, Name: name, Kind: "terminal", SecretHash: auth.HashSecret(models.Secret(secret)),
		SessionNonce: "nonce of " + string(id), Online: true, LastSeenAt: m.rig.clock.Now(), DoorIDs: doors,
		CreatedAt: m.rig.clock.Now(),
	}))
	return &caller{
		Name: name, ID: id, Station: place.Station, Role: models.RoleDevice, Place: place, Secret: secret, Device: true,
	}
}

func (m *maker) everybody(w *world) {
	a, one, two := models.Place{Station: w.A}, w.One, w.Two
	b, three := models.Place{Station: w.B}, w.Three
	w.Commander, w.Admin = m.person(models.RoleCommander, a), m.person(models.RoleAdmin, a)
	w.Officer, w.Auxiliary = m.person(models.RoleOfficer, one.Place), m.person(models.RoleAuxiliary, one.Place)
	w.GridWorker, w.Activist = m.person(models.RoleGridWorker, one.Place), m.person(models.RoleActivist, one.Place)
	w.Property, w.Guard = m.person(models.RoleProperty, one.Place), m.person(models.RoleGuard, one.Place)
	w.Volunteer, w.Committee = m.person(models.RoleVolunteer, one.Place), m.person(models.RoleCommittee, one.Place)
	w.Resident, w.Flatmate = m.person(models.RoleResident, one.Home), m.person(models.RoleResident, one.Home)
	w.Neighbour = m.person(models.RoleResident, one.OtherHome)
	w.Device = one.UnitDevice

	w.Stranger = m.person(models.RoleResident, two.Home)
	w.OfficerTwo, w.PropertyTwo = m.person(models.RoleOfficer, two.Place), m.person(models.RoleProperty, two.Place)
	w.GuardTwo, w.VolunteerTwo = m.person(models.RoleGuard, two.Place), m.person(models.RoleVolunteer, two.Place)

	w.Outsider = m.person(models.RoleResident, three.Home)
	w.CommanderB, w.AdminB = m.person(models.RoleCommander, b), m.person(models.RoleAdmin, b)
	w.OfficerB, w.PropertyB = m.person(models.RoleOfficer, three.Place), m.person(models.RoleProperty, three.Place)
	w.GuardB, w.VolunteerB = m.person(models.RoleGuard, three.Place), m.person(models.RoleVolunteer, three.Place)
}

func (m *maker) person(role models.Role, place models.Place) *caller {
	m.people++
	who := &caller{
		Name: fmt.Sprintf("测试%s%d", role, m.people), ID: m.rig.ids.next(), Station: place.Station, Role: role, Place: place,
		Account: fmt.Sprintf("%s.%d", role, m.people), Phone: fmt.Sprintf("1001000%04d", m.people),
	}
	m.keep(m.tx.AddPerson(m.ctx, models.Person{
		ID: who.ID, StationID: place.Station, Name: models.Secret(who.Name), Phone: models.Secret(who.Phone),
		Account: who.Account, PasswordHash: cheapHash, CreatedAt: m.rig.clock.Now(),
	}))
	m.grant(who, role, place)
	return who
}

func (m *maker) grant(who *caller, role models.Role, place models.Place) models.ID {
	grant := models.Grant{ID: m.rig.ids.next(), PersonID: who.ID, Role: role, Place: place, StartsAt: m.rig.clock.Now()}
	m.keep(m.tx.AddGrant(m.ctx, grant, m.rig.clock.Now()))
	return grant.ID
}

// addPerson adds somebody to the world: with a role in a place, and an account.
func (r *rig) addPerson(role models.Role, place models.Place) *caller {
	r.t.Helper()
	var who *caller
	r.write(func(ctx context.Context, tx *store.Store) error {
		r.mutex.Lock()
		r.added++
		m := &maker{rig: r, ctx: ctx, tx: tx, people: 1000 + r.added}
		r.mutex.Unlock()
		who = m.person(role, place)
		return m.err
	})
	return who
}

func (m *maker) patrol(w *world) {
	all := []models.CheckInMethod{models.MethodGPS, models.MethodQR}
	for _, c := range []*compound{w.One, w.Two, w.Three} {
		c.Checkpoint = m.checkpoint(c.Place, c.Name+"巡更点", c.At, all)
	}
	w.Street = m.checkpoint(models.Place{Station: w.A}, "环岛商务中心", models.Position{Lat: 30.5250, Lng: 105.6060}, all)
	w.Route = m.route(w.A, "香林路", w.One.Checkpoint, w.Street)
	w.RouteB = m.route(w.B, "西苑路", w.Three.Checkpoint)
}

func (m *maker) checkpoint(place models.Place, name string, at models.Position, methods []models.CheckInMethod) models.ID {
	id := m.rig.ids.next()
	m.keep(m.tx.AddCheckpoint(m.ctx, models.Checkpoint{
		ID: id, Place: place, Name: name, At: at, RadiusM: 50, Methods: methods, CreatedAt: m.rig.clock.Now(),
	}))
	return id
}

func (m *maker) route(station models.ID, name string, checkpoints ...models.ID) models.ID {
	id := m.rig.ids.next()
	m.keep(m.tx.AddRoute(m.ctx, models.Route{
		ID: id, StationID: station, Name: name, Direction: "north_south", Checkpoints: checkpoints, CreatedAt: m.rig.clock.Now(),
	}))
	return id
}
