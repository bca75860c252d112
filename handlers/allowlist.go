package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// Why a pass cannot stand in a list.
const (
	listFull   = "list_full"
	listNoCode = "older_than_lists" // nothing is kept of its code that a list could be made of
)

// passMisused is what a host is told when a pass was used once too often at doors without a network.
var passMisused = spoken{"您的访客通行被多次使用", "Your visitor's pass was used more often than it allows"}

// GetAllowList answers GET /v1/devices/{device_id}/allow-list: what a controller opens doors by while it cannot reach the server.
// By If-None-Match it says which list it holds.
func (h *Server) GetAllowList(ctx context.Context, request api.GetAllowListRequestObject) (api.GetAllowListResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpGetAllowList, kind: "device", id: request.DeviceId}
	device, err := h.Store.Device(ctx, request.DeviceId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Owner: device.ID})
	}
	if err == nil && !device.Driver.Ours() {
		err = models.Fail(models.CodeForbidden)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	held := heldSerial(value(request.Params.IfNoneMatch))
	made, content, err := h.currentList(ctx, device, held)
	if err != nil {
		return nil, err
	}
	if held == made.Serial {
		return api.GetAllowList304Response{}, nil
	}
	expires := models.ListEnd(made.MadeAt, h.ListLife)
	content.DeviceID, content.Serial, content.Issued, content.Expires = device.ID, made.Serial, made.MadeAt.Unix(), expires.Unix()
	jws, err := h.Keys.SignAllowList(content)
	if err != nil {
		return nil, err
	}
	etag := `"` + strconv.FormatInt(made.Serial, 10) + `"`
	return api.GetAllowList200JSONResponse{
		Body:    api.AllowList{Serial: made.Serial, ExpiresAt: api.At(expires), Jws: jws},
		Headers: api.GetAllowList200ResponseHeaders{ETag: &etag},
	}, nil
}

// heldSerial reads the list's serial out of an ETag; 0 for what is none of ours.
func heldSerial(tag string) int64 {
	serial, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(tag), `"`), 10, 64)
	if err != nil || serial < 0 {
		return 0
	}
	return serial
}

// listLook is a device's latest list beside what a list would have to say now.
type listLook struct {
	list    models.DeviceList
	content models.AllowList
	waiting []store.PassAtDoor
	same    bool // the latest list will do
}

func (h *Server) lookAtDeviceList(ctx context.Context, tx *store.Store, device models.Device, held int64) (listLook, error) {
	look := listLook{}
	var err error
	if look.list, err = tx.DeviceList(ctx, device.ID); err != nil {
		return look, err
	}
	if look.waiting, err = tx.UnlistedPassDoors(ctx, device.ID); err != nil {
		return look, err
	}
	look.content, err = h.listContent(ctx, tx, device)
	look.same = bytes.Equal(look.list.Digest, listDigest(look.content)) && !look.list.Stale(h.ListLife, api.From(ctx).Now) &&
		len(look.waiting) == 0 && held <= look.list.Serial // a greater one was given before the database was restored
	return look, err
}

// currentList notes which list the device holds and gives the latest one, which is made anew where it says something else than is
// true, or has grown old. What a device asks every minute mostly changes nothing, and then takes no lock.
func (h *Server) currentList(ctx context.Context, device models.Device, held int64) (models.DeviceList, models.AllowList, error) {
	now := api.From(ctx).Now
	look, err := h.lookAtDeviceList(ctx, h.Store, device, held)
	if err != nil || look.same && held <= look.list.Held {
		return look.list, look.content, err
	}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.LockDevice(ctx, device.ID); err != nil {
			return err
		}
		err := tx.HoldDeviceList(ctx, device.ID, held, now)
		if err == nil {
			look, err = h.lookAtDeviceList(ctx, tx, device, held)
		}
		if err != nil || look.same {
			return err
		}
		if look.list.Serial == 0 {
			if err := tx.SetDeviceHoldsCodes(ctx, device.ID, true); err != nil {
				return err
			}
		}
		look.list.Serial, look.list.Digest, look.list.MadeAt = look.list.NextSerial(now), listDigest(look.content), now
		if err := tx.PutDeviceList(ctx, look.list); err != nil {
			return err
		}
		return h.listDoors(ctx, tx, look)
	})
	return look.list, look.content, err
}

// listDoors notes of the doors that waited for a list that one was made, or why their pass could not be in it.
func (h *Server) listDoors(ctx context.Context, tx *store.Store, look listLook) error {
	now := api.From(ctx).Now
	listed := map[string]bool{}
	for _, entry := range look.content.Entries {
		listed[entry.Pass] = true
	}
	for _, door := range look.waiting {
		pass, err := tx.VisitorPass(ctx, door.Pass.ID)
		if err != nil {
			return err
		}
		state := pass.State(now)
		live := !door.Door.Removed && pass.Kind != models.PassGroup && (state == models.PassActive || state == models.PassUpcoming)
		if live && !listed[models.PassRef(pass.ID)] {
			if stands, err := tx.PassHostStands(ctx, pass.ID, now); err != nil || stands {
				reason := listNoCode
				if len(look.content.Entries) >= models.MaxAllowEntries {
					reason = listFull
				}
				if _, err := tx.PassDoorFailed(ctx, pass.ID, door.Door.DoorID, door.Door.Revision, reason, now); err != nil {
					return err
				}
				continue
			}
		}
		if err := tx.ListPassDoor(ctx, door, look.list.Serial); err != nil {
			return err
		}
	}
	return nil
}

// listContent is what the device's list has to say now.
func (h *Server) listContent(ctx context.Context, tx *store.Store, device models.Device) (models.AllowList, error) {
	now := api.From(ctx).Now
	key := h.Keys.AllowCodeKey(device.Place.Compound)
	list := models.AllowList{
		CodeKey: base64.RawURLEncoding.EncodeToString(key), PauseS: int(models.OfflinePause.Seconds()), SignedPasses: true,
		Entries: []models.AllowEntry{}, Denied: []string{},
	}
	zone, err := tx.StationZone(ctx, device.Place.Station)
	if err != nil {
		return list, err
	}
	passes, err := tx.AllowedPasses(ctx, device.ID, now, models.MaxAllowEntries)
	if err != nil {
		return list, err
	}
	hash, entered := auth.AllowHash(device.UsedSecretHash(now)), map[models.ID]bool{}
	for _, pass := range passes {
		if len(pass.Inner) == 0 {
			continue
		}
		entry := models.AllowEntry{Pass: models.PassRef(pass.ID), Hash: hash(pass.Inner), Uses: pass.MaxUses - pass.Uses}
		if entry.Uses <= 0 { // only its last visit goes on, once through each of the other doors
			entry.Uses, pass.EndsAt = 1, pass.VisitUntil(now)
		}
		if entry.Times = pass.AllowTimes(now, now.Add(h.ListLife), zone); len(entry.Times) == 0 && pass.Uses >= pass.MaxUses {
			continue
		}
		for _, door := range pass.DoorIDs {
			if slices.Contains(device.DoorIDs, door) && !slices.Contains(pass.Been, door) {
				entry.Doors = append(entry.Doors, door)
			}
		}
		entered[pass.ID] = true
		list.Entries = append(list.Entries, entry)
	}
	denied, err := tx.DeniedPasses(ctx, device.Place.Compound, now, models.MaxAllowDenied+1)
	if len(passes) == models.MaxAllowEntries || len(denied) > models.MaxAllowDenied {
		list.SignedPasses, denied = false, nil // not all of it finds room: what is not in the list opens nothing
	}
	for _, pass := range denied {
		if !entered[pass] {
			list.Denied = append(list.Denied, models.PassRef(pass))
		}
	}
	return list, err
}

// listDigest is of what stands in a list, whenever it is made.
func listDigest(content models.AllowList) []byte {
	text, err := json.Marshal(content)
	if err != nil {
		return nil // never: numbers and texts
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// signPass makes the text of a signed QR code where one of the pass's doors decides without the server.
func (h *Server) signPass(ctx context.Context, tx *store.Store, pass *models.VisitorPass) (models.Secret, error) {
	signed, fits := pass.ToSign()
	if !fits {
		return "", nil
	}
	if keeps, err := tx.KeepsAllowList(ctx, pass.DoorIDs); err != nil || !keeps {
		return "", err
	}
	pass.SignedUntil = pass.EndsAt
	return h.Keys.SignPass(signed)
}

// countUse counts a passage by a pass that a controller allowed by its list, once: repeats have been dropped. One too many is
// marked, and the host is told the first time. Nothing else follows from what is told late.
func (i *intake) countUse(ctx context.Context, event models.DeviceEvent, passage *models.AccessEvent) error {
	id, named := models.PassOfRef(event.CredentialRef)
	if !named || event.Way != models.WayCode || passage.Outcome != models.AccessGranted || !i.device.Driver.Ours() {
		return nil
	}
	pass, counted, err := i.tx.CountOfflineUse(ctx, id, event.DoorID, event.OccurredAt)
	if err != nil || !counted {
		return err
	}
	passage.PassID, passage.PersonID, passage.Conflict = pass.ID, pass.HostID, pass.Misused(event.OccurredAt)
	if !passage.Conflict {
		return nil
	}
	first, err := i.tx.FirstConflict(ctx, pass.ID, i.now)
	if err != nil || !first {
		return err
	}
	told, err := i.server.tellHostAt(ctx, i.tx, pass, passMisused, i.now)
	i.alerts = append(i.alerts, told...)
	return err
}
