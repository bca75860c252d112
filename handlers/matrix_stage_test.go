package handlers_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// stage makes the objects of the matrix: whose they are is said by a column.
type stage struct {
	rig       *rig
	brief     bool // of the roles that a row is closed to, only the first is walked
	missing   models.ID
	person    map[column]*caller // who lives there
	patroller map[column]*caller // who patrols there; the caller themself where there is nobody
	compound  map[column]*compound
	home      map[column]models.Place
	door      map[column]models.ID
	kept      map[string]models.ID // objects that nothing changes are made once
	audited   map[column]models.ID
	count     int
}

// nextGrant is a role for an hour that no other probe gives: nobody holds a role twice at once.
func (s *stage) nextGrant(scope map[string]any) map[string]any {
	s.count++
	from := s.now().Add(time.Duration(s.count) * 2 * time.Hour)
	return map[string]any{
		"role": "volunteer", "scope": scope, "starts_at": instant(from), "ends_at": instant(from.Add(time.Hour)),
	}
}

func newStage(r *rig) *stage {
	s := &stage{rig: r, missing: r.ids.next(), kept: map[string]models.ID{}}
	s.person = map[column]*caller{own: r.Resident, sameCompound: r.Neighbour, otherCompound: r.Stranger, otherStation: r.Outsider}
	s.patroller = map[column]*caller{
		sameCompound: r.addPerson(models.RoleVolunteer, r.One.Place), otherCompound: r.VolunteerTwo, otherStation: r.VolunteerB,
	}
	s.compound = map[column]*compound{own: r.One, sameCompound: r.One, otherCompound: r.Two, otherStation: r.Three}
	s.home = map[column]models.Place{
		own: r.One.Home, sameCompound: r.One.OtherHome, otherCompound: r.Two.Home, otherStation: r.Three.Home,
	}
	s.door = map[column]models.ID{
		own: r.One.UnitDoor, sameCompound: r.One.OtherUnitDoor, otherCompound: r.Two.UnitDoor, otherStation: r.Three.UnitDoor,
		missing: s.missing,
	}
	s.audited = map[column]models.ID{own: s.auditEntry(r.A), otherStation: s.auditEntry(r.B)}
	return s
}

// owner is whose an object is: the caller's own, or that of somebody who lives in the column's place.
func (s *stage) owner(who *caller, at column) *caller {
	if at == own && who != nil {
		return who
	}
	return s.person[at]
}

// once makes an object that nothing changes, at the first call for it.
func (s *stage) once(kind string, owner *caller, at column, create func() models.ID) models.ID {
	if at == missing {
		return s.missing
	}
	name := fmt.Sprint(kind, " ", owner.ID, " ", int(at))
	if s.kept[name] == "" {
		s.kept[name] = create()
	}
	return s.kept[name]
}

// made writes one object and gives its id.
func (s *stage) made(write func(ctx context.Context, tx *store.Store, id models.ID) error) models.ID {
	id := s.rig.ids.next()
	s.rig.write(func(ctx context.Context, tx *store.Store) error { return write(ctx, tx, id) })
	return id
}

// name is a new name.
func (s *stage) name() string {
	s.count++
	return fmt.Sprintf("矩阵%d", s.count)
}

func (s *stage) now() time.Time { return s.rig.clock.Now() }

func (s *stage) auditEntry(station models.ID) models.ID {
	entry := models.AuditEntry{
		ID: s.rig.ids.next(), StationID: station, At: s.now(), Operation: "matrix", Outcome: models.AuditAllowed,
	}
	if err := s.rig.store.RecordAlone(context.Background(), entry, ""); err != nil {
		s.rig.t.Fatal(err)
	}
	return entry.ID
}

// tip is a new tip of the owner, about the column's place.
func (s *stage) tip(who *caller, at column, media ...models.ID) models.ID {
	if at == missing {
		return s.missing
	}
	place := s.compound[at].Place
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		hash := sha256.Sum256([]byte(id))
		return tx.AddTip(ctx, models.Tip{
			ID: id, OrderID: s.rig.ids.next(), Place: place, ReporterID: s.owner(who, at).ID, Category: "theft",
			Description: "有人撬锁", OccurredAt: s.now(), ReceivedAt: s.now(), State: models.TipReceived,
			MediaIDs: media, BodyHash: hash[:],
		})
	})
}

// photo is a new photo of the owner's that belongs to no tip yet.
func (s *stage) photo(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	owner := s.owner(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		data, name := tinyPNG(), "2026/11/"+string(id)+".png"
		if err := s.rig.server.Blobs.Put(ctx, name, "image/png", data); err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		return tx.AddMedia(ctx, models.Media{
			ID: id, StationID: owner.Station, OwnerID: owner.ID, BlobName: name, ContentType: "image/png",
			Width: 8, Height: 8, Bytes: int64(len(data)), SHA256: sum[:], CreatedAt: s.now(),
		})
	})
}

func (s *stage) pass(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		mac := sha256.Sum256([]byte(id))
		return tx.AddVisitorPass(ctx, models.VisitorPass{
			ID: id, Place: s.home[at], HostID: s.owner(who, at).ID, VisitorName: "王师傅", DoorIDs: []models.ID{s.door[at]},
			CodeMAC: mac[:], StartsAt: s.now(), EndsAt: s.now().Add(time.Hour), MaxUses: 1, CreatedAt: s.now(),
		})
	})
}

func (s *stage) command(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		door, err := tx.Door(ctx, s.door[at])
		if err != nil {
			return err
		}
		return tx.AddDoorCommand(ctx, models.DoorCommand{
			ID: id, Place: door.Place, DoorID: door.ID, DeviceID: door.DeviceID, PersonID: s.owner(who, at).ID,
			State: models.CommandRequested, RequestedAt: s.now(), ExpiresAt: s.now().Add(models.DoorCommandLife),
		})
	})
}

func (s *stage) accessEvent(who *caller, at column) models.ID {
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		door, err := tx.Door(ctx, s.door[at])
		tx.AddAccessEvent(models.AccessEvent{
			ID: id, Place: door.Place, DoorID: door.ID, PersonID: s.owner(who, at).ID, OccurredAt: s.now(),
			ReceivedAt: s.now(), Way: models.WayRemote, Outcome: models.AccessGranted,
		})
		return err
	})
}

// checkIn is one by the caller, or by somebody who patrols there too.
func (s *stage) checkIn(who *caller, at column) models.ID {
	walker := s.patroller[at]
	if walker == nil {
		walker = s.owner(who, at)
	}
	return s.made(func(_ context.Context, tx *store.Store, id models.ID) error {
		tx.AddCheckIns([]models.CheckIn{{
			ID: id, OrderID: models.OrderID(s.now(), id), Place: s.compound[at].Place, PersonID: walker.ID,
			CheckpointID: s.compound[at].Checkpoint, Method: models.MethodQR, CapturedAt: s.now(), ReceivedAt: s.now(),
			Verdict: models.Verdict{Status: models.StatusAccepted},
		}})
		return nil
	})
}

// alert is one for the caller by name, or for the residents of the column's home.
func (s *stage) alert(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	audience := models.Audience{Roles: []models.Role{models.RoleResident}, Place: s.home[at]}
	if at == own {
		audience = models.Audience{Place: models.Place{Station: s.rig.A}, People: []models.ID{s.owner(who, at).ID}}
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		_, err := tx.AddAlert(ctx, models.Alert{
			ID: id, Kind: "notice", Severity: models.SeverityNormal, Title: "通知", Body: "内容", Audience: audience,
			CreatedAt: s.now(), ExpiresAt: s.now().Add(time.Hour),
		})
		return err
	})
}

// spareDoor is a new unit door in the column's unit, which no device controls.
func (s *stage) spareDoor(at column) models.ID {
	if at == missing {
		return s.missing
	}
	place := map[column]models.Place{
		own: s.rig.One.Unit, sameCompound: s.rig.One.OtherUnit, otherCompound: s.rig.Two.Unit, otherStation: s.rig.Three.Unit,
	}[at]
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddDoor(ctx, models.Door{ID: id, Place: place, Kind: models.DoorUnit, Name: s.name(), CreatedAt: s.now()})
	})
}

// spareDevice is a new device in the column's compound.
func (s *stage) spareDevice(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		hash := sha256.Sum256([]byte(id))
		return tx.AddDevice(ctx, models.Device{
			ID: id, Place: s.compound[at].Place, Name: s.name(), Kind: "terminal", SecretHash: hash[:], CreatedAt: s.now(),
		})
	})
}

func (s *stage) pushAddress(owner *caller) {
	s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.PutPushAddress(ctx, models.PushAddress{
			PersonID: owner.ID, InstallationID: "phone." + string(owner.ID), Kind: "fcm_token", Value: models.Secret(id),
			Platform: "android", Locale: "zh-CN", UpdatedAt: s.now(),
		})
	})
}

func (s *stage) hasPushAddress(owner *caller) bool {
	count := 0
	found := s.rig.sql.QueryRow("SELECT COUNT(*) FROM push_addresses WHERE person_id = ? AND installation_id = ?",
		string(owner.ID), "phone."+string(owner.ID))
	if err := found.Scan(&count); err != nil {
		s.rig.t.Fatal(err)
	}
	return count == 1
}

// subject is the account of the column that administrators work on: never a caller of the matrix,
// who would gain by it.
func (s *stage) subject(at column) *caller {
	if at == own {
		return s.rig.Flatmate
	}
	return s.person[at]
}

// personID is the subject's id, and grantID a role that they hold.
func (s *stage) personID(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.subject(at).ID
}

func (s *stage) grantID(at column) models.ID {
	if at == missing {
		return s.missing
	}
	grants, err := s.rig.store.Grants(context.Background(), s.subject(at).ID)
	if err != nil || len(grants) == 0 {
		s.rig.t.Fatalf("%s holds no role: %v", s.subject(at).Name, err)
	}
	return grants[0].ID
}

func (s *stage) compoundID(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.compound[at].ID()
}

func (s *stage) homeID(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.home[at].Home
}

func (s *stage) checkpointID(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.compound[at].Checkpoint
}

// tinyPNG is the smallest of photos.
func tinyPNG() []byte {
	var data bytes.Buffer
	_ = png.Encode(&data, image.NewGray(image.Rect(0, 0, 8, 8))) // a buffer takes everything
	return data.Bytes()
}

// matrixPhoto is a multipart body with one photo.
func matrixPhoto(photo []byte) rawBody {
	var data bytes.Buffer
	form := multipart.NewWriter(&data)
	part, _ := form.CreateFormFile("photo", "photo.png") // a buffer takes everything
	_, _ = part.Write(photo)
	_ = form.Close()
	return rawBody{Type: form.FormDataContentType(), Text: data.Bytes()}
}
