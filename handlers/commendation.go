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

// CreateCommendation answers POST /v1/commendations.
func (h *Server) CreateCommendation(
	ctx context.Context, request api.CreateCommendationRequestObject,
) (api.CreateCommendationResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	commendation := models.Commendation{
		ID: h.NewID(), OrderID: h.NewID(), PersonID: body.PersonId, Reason: models.Secret(strings.TrimSpace(body.Reason)),
		ProposerID: asked.Principal.ID, ProposedAt: asked.Now, State: models.CommendationProposed,
	}
	if body.About != nil {
		commendation.AboutKind, commendation.AboutID = models.AboutKind(body.About.Kind), body.About.Id
	}
	if err := h.printable("reason", commendation.Reason); err != nil {
		return nil, err
	}
	what := &deed{
		operation: models.OpCreateCommendation, kind: "commendation", id: commendation.ID, subjects: []string{string(body.PersonId)},
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Commendation, error) {
		station, err := reachPerson(ctx, tx, what.operation, commendation.PersonID)
		if err != nil {
			return api.Commendation{}, noSuch(err, "person_id")
		}
		commendation.StationID, what.station = station, station
		if err := commendation.CheckProposer(); err != nil {
			return api.Commendation{}, err
		}
		if err := hasDone(ctx, tx, commendation); err != nil {
			return api.Commendation{}, noSuch(err, "about.id")
		}
		return wireCommendation(asked.Principal)(commendation), tx.AddCommendation(ctx, commendation)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateCommendation201JSONResponse(answer), nil
}

// hasDone says whether what somebody is commended for is a tip or a finding that they sent and the proposer may read,
// or a round that they walked. A tip without a name is nobody's here.
func hasDone(ctx context.Context, tx *store.Store, commendation models.Commendation) error {
	who := api.From(ctx).Principal
	var did bool
	switch commendation.AboutKind {
	case models.AboutTip:
		tip, err := tx.Tip(ctx, commendation.AboutID)
		if err != nil {
			return err
		}
		did = models.NamedReporter(tip) == commendation.PersonID && models.May(models.OpGetTip, who, models.Object{Place: tip.Place}) == nil
	case models.AboutFinding:
		finding, err := tx.Finding(ctx, commendation.AboutID)
		if err != nil {
			return err
		}
		did = finding.FinderID == commendation.PersonID && models.May(models.OpGetFinding, who, models.Object{Place: finding.Place}) == nil
	case models.AboutRound:
		members, err := tx.RoundMembers(ctx, commendation.AboutID)
		if err != nil {
			return err
		}
		did = slices.ContainsFunc(members, func(member models.RoundMember) bool {
			return member.PersonID == commendation.PersonID && !member.ConfirmedAt.IsZero()
		})
	default:
		return nil
	}
	if !did {
		return models.Fail(models.CodeNotFound)
	}
	return nil
}

// printable refuses a text with characters that the font of the certificate lacks.
func (h *Server) printable(field string, text models.Secret) error {
	missing, err := h.Reports.Unprintable(text.Reveal())
	if err != nil || missing == "" {
		return err
	}
	return models.Fail(models.CodeNotPrintable).WithFields(models.FieldError{
		Field: field, Code: models.FieldNotAllowed, Want: "without " + missing,
	})
}

// DecideCommendation answers POST /v1/commendations/{commendation_id}/decision. The person is told in the same
// transaction, and credited.
func (h *Server) DecideCommendation(
	ctx context.Context, request api.DecideCommendationRequestObject,
) (api.DecideCommendationResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{
		operation: models.OpDecideCommendation, kind: "commendation", id: request.CommendationId,
		reason: models.Secret(body.Reason), facts: map[string]string{"decision": string(body.Decision)},
	}
	var told models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Commendation, error) {
		told = models.Alert{}
		commendation, err := tx.Commendation(ctx, request.CommendationId)
		if err != nil {
			return api.Commendation{}, err
		}
		place := models.Place{Station: commendation.StationID}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: place}); err != nil {
			return api.Commendation{}, err
		}
		if err := commendation.CheckDecider(asked.Principal.ID); err != nil {
			return api.Commendation{}, err
		}
		what.subjects = []string{string(commendation.PersonID)}
		commendation.State, commendation.DeciderID, commendation.DecidedAt = models.CommendationDeclined, asked.Principal.ID, asked.Now
		commendation.DecisionReason = models.Secret(body.Reason)
		if body.Decision == api.Approve {
			commendation.State = models.CommendationGranted
			if told, err = h.grantCommendation(ctx, tx, &commendation); err != nil {
				return api.Commendation{}, err
			}
		}
		return wireCommendation(asked.Principal)(commendation), h.keepCommendation(ctx, tx, commendation, &told)
	})
	if err != nil {
		return nil, err
	}
	if told.ID != "" {
		h.alerted(ctx, told)
	}
	return api.DecideCommendation200JSONResponse(answer), nil
}

// keepCommendation writes a decision and what follows from it.
func (h *Server) keepCommendation(
	ctx context.Context, tx *store.Store, commendation models.Commendation, told *models.Alert,
) (err error) {
	if err := tx.DecideCommendation(ctx, commendation); err != nil || commendation.State != models.CommendationGranted {
		return err
	}
	earned := models.CommendationEarns(commendation)
	if err := creditDeeds(ctx, tx, commendation.StationID, commendation.ID, earned, commendation.DecidedAt); err != nil {
		return err
	}
	told.Recipients, err = tx.AddAlert(ctx, *told)
	return err
}

// grantCommendation fills in what the certificate says, and makes the message to the person.
func (h *Server) grantCommendation(ctx context.Context, tx *store.Store, commendation *models.Commendation) (models.Alert, error) {
	person, err := tx.Person(ctx, commendation.PersonID)
	if err != nil {
		return models.Alert{}, err
	}
	station, zone, err := stationIn(ctx, tx, commendation.StationID)
	if err != nil {
		return models.Alert{}, err
	}
	commendation.PersonName, commendation.StationName = person.Name, station.Name
	commendation.GrantedOn = models.DateIn(commendation.DecidedAt, zone)
	commendation.Number, err = tx.NextCommendationNumber(ctx, commendation.StationID, commendation.GrantedOn.Year)
	if err != nil {
		return models.Alert{}, err
	}
	if commendation.CheckCode, err = auth.NewCheckCode(h.Random); err != nil {
		return models.Alert{}, err
	}
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertCommendation, Severity: models.SeverityNormal,
		SenderID: commendation.DeciderID, AboutID: commendation.ID,
		Audience: models.Audience{
			Place: models.Place{Station: commendation.StationID}, People: []models.ID{commendation.PersonID},
		},
		CreatedAt: commendation.DecidedAt, ExpiresAt: commendation.DecidedAt.Add(thanksLife),
	}, commendationIsYours, asWritten(commendation.Reason)), nil
}

var commendationIsYours = spoken{"您获得了派出所的表彰", "The station commends you"}

// ListCommendations answers GET /v1/commendations. Looking at other people's is recorded.
func (h *Server) ListCommendations(
	ctx context.Context, request api.ListCommendationsRequestObject,
) (api.ListCommendationsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListCommendations, who)
	if value(params.Mine) {
		sights = []models.Sight{{Owner: who.ID}}
	}
	filter := store.CommendationFilter{
		PersonID: value(params.PersonId), State: models.CommendationState(value(params.State)), Year: value(params.Year),
	}
	commendations, err := h.Store.Commendations(ctx, sights, filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(commendations, func(one models.Commendation) (models.ID, bool) {
		return one.PersonID, one.PersonID != who.ID
	})
	if err := h.lookedAtList(ctx, models.OpListCommendations, "commendation", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, commendations, page, wireCommendation(who), func(one models.Commendation) models.ID { return one.OrderID })
	return api.ListCommendations200JSONResponse{Items: items, NextCursor: next}, nil
}

// wireCommendation writes a commendation as the caller may see it: who proposed and who decided is for police.
func wireCommendation(who models.Principal) func(models.Commendation) api.Commendation {
	return func(commendation models.Commendation) api.Commendation {
		wire := api.Commendation{
			Id: commendation.ID, PersonId: commendation.PersonID, Reason: commendation.Reason.Reveal(),
			State: api.CommendationState(commendation.State), ProposedAt: api.At(commendation.ProposedAt),
			DecidedAt: timeOrNil(commendation.DecidedAt), PersonName: textOrNil(commendation.PersonName.Reveal()),
			RevokedAt: timeOrNil(commendation.RevokedAt), RevocationReason: textOrNil(commendation.RevocationReason.Reveal()),
		}
		if commendation.AboutID != "" && commendation.MayShowAbout(who) {
			wire.About = &api.CommendationAbout{Kind: api.CommendationAboutKind(commendation.AboutKind), Id: commendation.AboutID}
		}
		if commendation.WasGranted() {
			wire.Number, wire.GrantedOn = textOrNil(commendation.FullNumber()), &commendation.GrantedOn
		}
		place := models.Place{Station: commendation.StationID}
		if models.May(models.OpYearlyCommended, who, models.Object{Place: place}) == nil {
			wire.ProposerId, wire.DeciderId = idOrNil(commendation.ProposerID), idOrNil(commendation.DeciderID)
			wire.RevokerId = idOrNil(commendation.RevokerID)
			wire.DecisionReason = textOrNil(commendation.DecisionReason.Reveal())
		}
		return wire
	}
}
