package handlers

import (
	"context"
	"slices"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

const open311Notice = "描述会公开，请勿写入个人信息。 / The description is public: no personal data, please."

// CreateOpen311Request answers POST /open311/v2/requests.json. Who the sender says to be is not kept.
func (h *Server) CreateOpen311Request(
	ctx context.Context, request api.CreateOpen311RequestRequestObject,
) (api.CreateOpen311RequestResponseObject, error) {
	params := request.Params
	ctx, key, err := h.asCivicApp(ctx, value(params.ApiKey))
	if err != nil {
		return nil, err
	}
	tip, err := h.open311Tip(ctx, key, params)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreateOpen311, kind: "tip", id: tip.ID}
	var told []models.Alert
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Open311Receipt, error) {
		if err := tx.AddTip(ctx, tip); err != nil {
			return api.Open311Receipt{}, err
		}
		var err error
		if told, err = h.startTip(ctx, tx, &tip, nil); err != nil {
			return api.Open311Receipt{}, err
		}
		return api.Open311Receipt{ServiceRequestId: tip.ID, ServiceNotice: open311Notice}, tx.AddOpen311Tip(ctx, tip.ID, key.ID)
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateOpen311Request201JSONResponse{answer}, nil
}

// asCivicApp finds whose key it is; a key of 256 random bits need not be slowed down against guessing.
func (h *Server) asCivicApp(ctx context.Context, secret string) (context.Context, models.Open311Key, error) {
	key, err := h.Store.Open311KeyByMAC(ctx, h.open311MAC(models.Secret(secret)))
	if models.CodeOf(err) == models.CodeNotFound {
		err = models.Fail(models.CodeForbidden).WithFields(models.FieldError{Field: "api_key", Code: models.FieldNoSuch, Want: "a key"})
	}
	if err != nil {
		return ctx, key, err
	}
	asked := api.From(ctx)
	asked.Principal = models.Principal{ID: key.ID, StationID: key.StationID}
	return api.With(ctx, asked), key, nil
}

func (h *Server) open311MAC(secret models.Secret) []byte {
	return h.Keys.CodeMAC("open311", secret.Reveal())
}

func (h *Server) open311Tip(
	ctx context.Context, key models.Open311Key, params api.CreateOpen311RequestParams,
) (models.Tip, error) {
	now := api.From(ctx).Now
	if named := value(params.JurisdictionId); named != "" && named != string(key.StationID) {
		return models.Tip{}, models.Fail(models.CodeNotFound)
	}
	if value(params.ServiceCode) == "" {
		return models.Tip{}, invalidField("service_code", models.FieldRequired, "")
	}
	if !slices.Contains(codesOf(h.publicServices(key.StationID)), *params.ServiceCode) {
		return models.Tip{}, models.Fail(models.CodeNotFound)
	}
	words := strings.TrimSpace(value(params.Description))
	if address := strings.TrimSpace(value(params.AddressString)); address != "" {
		words = strings.TrimSpace(words + "\n" + address)
	}
	if words == "" {
		return models.Tip{}, invalidField("description", models.FieldRequired, "")
	}
	if (params.Lat == nil) != (params.Long == nil) || params.Lat == nil && value(params.AddressString) == "" {
		return models.Tip{}, invalidField("lat", models.FieldRequired, "lat, long | address_string")
	}
	tip := models.Tip{
		ID: h.NewID(), OrderID: h.NewID(), Category: *params.ServiceCode, Description: models.Secret(words),
		OccurredAt: now, ReceivedAt: now, State: models.TipReceived, BodyHash: []byte{},
		Reporting: models.ReportingCivicApp,
		Steps: []models.TipStep{{State: models.TipReceived, At: now}},
	}
	if params.Lat != nil {
		tip.Fix = &models.Fix{Position: models.Position{Lat: *params.Lat, Lng: *params.Long}, ReportedCRS: models.WGS84}
	}
	compounds, err := h.places.get(key.StationID, now, func() ([]models.Compound, error) {
		return h.Store.StationCompounds(ctx, key.StationID)
	})
	tip.Place = models.TipPlace(tip.Fix, compounds, api.From(ctx).Principal)
	return tip, err
}

// ListOpen311Keys answers GET /v1/open311-keys.
func (h *Server) ListOpen311Keys(
	ctx context.Context, _ api.ListOpen311KeysRequestObject,
) (api.ListOpen311KeysResponseObject, error) {
	keys, err := h.Store.Open311Keys(ctx, api.From(ctx).Principal.StationID)
	answer := api.Open311KeyList{Items: make([]api.Open311Key, 0, len(keys))}
	for _, key := range keys {
		answer.Items = append(answer.Items, api.Open311Key{Id: key.ID, Name: key.Name, CreatedAt: api.At(key.CreatedAt)})
	}
	return api.ListOpen311Keys200JSONResponse(answer), err
}

// CreateOpen311Key answers POST /v1/open311-keys. The key is in this answer and nowhere else.
func (h *Server) CreateOpen311Key(
	ctx context.Context, request api.CreateOpen311KeyRequestObject,
) (api.CreateOpen311KeyResponseObject, error) {
	asked := api.From(ctx)
	secret, err := auth.NewSecret(h.Random)
	if err != nil {
		return nil, err
	}
	key := models.Open311Key{
		ID: h.NewID(), StationID: asked.Principal.StationID, Name: strings.TrimSpace(request.Body.Name), MAC: h.open311MAC(secret),
		CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateOpen311Key, kind: "open311_key", id: key.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Open311KeySecret, error) {
		others, err := tx.Open311Keys(ctx, key.StationID)
		if err == nil && len(others) >= models.MaxOpen311Keys {
			err = models.Fail(models.CodeConflict)
		}
		if err != nil {
			return api.Open311KeySecret{}, err
		}
		return api.Open311KeySecret{
			Id: key.ID, Name: key.Name, CreatedAt: api.At(key.CreatedAt), ApiKey: secret.Reveal(),
		}, tx.AddOpen311Key(ctx, key)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateOpen311Key201JSONResponse(answer), nil
}

// DeleteOpen311Key answers DELETE /v1/open311-keys/{open311_key_id}.
func (h *Server) DeleteOpen311Key(
	ctx context.Context, request api.DeleteOpen311KeyRequestObject,
) (api.DeleteOpen311KeyResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpDeleteOpen311Key, kind: "open311_key", id: request.Open311KeyId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		revoked, err := tx.RevokeOpen311Key(ctx, asked.Principal.StationID, request.Open311KeyId, asked.Now)
		if err == nil && !revoked {
			err = models.Fail(models.CodeNotFound)
		}
		return revoked, err
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteOpen311Key204Response{}, nil
}
