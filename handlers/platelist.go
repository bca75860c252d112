package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
)

// GetPlateList answers GET /v1/devices/{device_id}/plate-list: what a barrier decides by while it cannot reach the server.
func (h *Server) GetPlateList(ctx context.Context, request api.GetPlateListRequestObject) (api.GetPlateListResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpGetPlateList, kind: "device", id: request.DeviceId}
	device, err := h.Store.Device(ctx, request.DeviceId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Owner: device.ID})
	}
	if err == nil && device.Kind != models.BarrierKind {
		err = models.Fail(models.CodeForbidden)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	marks, err := h.Store.CompoundMarks(ctx, device.Place.Compound, asked.Now, models.MaxPlateList)
	if err != nil {
		return nil, err
	}
	list := models.PlateList{
		DeviceID: device.ID, Issued: asked.Now.Unix(), Expires: asked.Now.Add(models.PlateListLife).Unix(),
		Residents: []string{}, Locked: []string{}, Visitors: []models.PlateVisit{},
	}
	hash := auth.PlateHash(device.UsedSecretHash(asked.Now))
	for _, mark := range marks {
		if mark.Resident {
			list.Residents = append(list.Residents, hash(mark.Text))
		}
		if mark.Locked {
			list.Locked = append(list.Locked, hash(mark.Text))
		}
	}
	if err := h.listVisitors(ctx, device, hash, &list); err != nil {
		return nil, err
	}
	slices.Sort(list.Residents)
	slices.Sort(list.Locked)
	etag := plateListTag(list)
	if slices.Contains(strings.Split(strings.ReplaceAll(value(request.Params.IfNoneMatch), " ", ""), ","), etag) {
		return api.GetPlateList304Response{}, nil
	}
	jws, err := h.Keys.SignPlateList(list)
	if err != nil {
		return nil, err
	}
	return api.GetPlateList200JSONResponse{
		Body:    api.PlateList{Jws: jws, ExpiresAt: api.At(asked.Now.Add(models.PlateListLife))},
		Headers: api.GetPlateList200ResponseHeaders{ETag: &etag},
	}, nil
}

// listVisitors adds the visitors' vehicles that may come while the list holds: of each only its hash and when.
func (h *Server) listVisitors(ctx context.Context, device models.Device, hash func(models.Secret) string, list *models.PlateList) error {
	now := api.From(ctx).Now
	zone, err := h.Store.StationZone(ctx, device.Place.Station)
	if err != nil {
		return err
	}
	passes, err := h.Store.VehiclePasses(ctx, device.Place.Compound, now, now.Add(models.PlateListLife), models.MaxPlateListPasses)
	if err != nil {
		return err
	}
	for _, pass := range passes {
		list.Visitors = append(list.Visitors, models.PlateVisitsOf(pass, hash(models.NormalPlate(pass.Plate.Reveal())), now, zone)...)
	}
	slices.SortFunc(list.Visitors, models.ComparePlateVisits)
	return nil
}

// plateListTag names what stands in a list, for half of the time that it holds: who is told that nothing changed keeps a list that
// holds for the other half at least.
func plateListTag(list models.PlateList) string {
	half := list.Issued / int64(models.PlateListLife.Seconds()/2)
	sum := sha256.Sum256(fmt.Append(nil, half, list.Residents, list.Locked, list.Visitors))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}
