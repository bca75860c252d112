package handlers

import (
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// roundView is a round with who walks with it, as one caller stands to it.
type roundView struct {
	models.Round
	who     models.Principal
	members []models.RoundMember
	guests  []models.RoundGuest
	ofSquad bool // the round is planned for a squad of the caller's
}

// viewRound reads a round; what the caller may do with it is asked of the view.
func (h *Server) viewRound(ctx context.Context, db *store.Store, id models.ID) (roundView, error) {
	view := roundView{who: api.From(ctx).Principal}
	var err error
	if view.Round, err = db.Round(ctx, id); err != nil {
		return view, err
	}
	if view.members, err = db.RoundMembers(ctx, id); err != nil {
		return view, err
	}
	if view.guests, err = db.RoundGuests(ctx, id); err != nil || view.SquadID == "" {
		return view, err
	}
	squad, err := db.Squad(ctx, view.SquadID)
	view.ofSquad = slices.Contains(squad.Members, view.who.ID)
	return view, err
}

// lockedRound is viewRound inside a transaction that is going to change the round.
func (h *Server) lockedRound(ctx context.Context, tx *store.Store, id models.ID) (roundView, error) {
	if err := tx.LockRound(ctx, id); err != nil {
		return roundView{}, err
	}
	return h.viewRound(ctx, tx, id)
}

func (v roundView) place() models.Place { return models.Place{Station: v.StationID} }

// member is the caller's own membership.
func (v roundView) member() (models.RoundMember, bool) { return v.memberOf(v.who.ID) }

func (v roundView) memberOf(person models.ID) (models.RoundMember, bool) {
	at := slices.IndexFunc(v.members, func(member models.RoundMember) bool { return member.PersonID == person })
	if at < 0 {
		return models.RoundMember{}, false
	}
	return v.members[at], true
}

// may says whether the caller may do something that belongs to those who walk with the round, or are planned to.
func (v roundView) may(operation models.Operation) error {
	object := models.Object{Place: v.place()}
	if _, walks := v.member(); walks || v.ofSquad {
		object.Owner = v.who.ID
	}
	return models.May(operation, v.who, object)
}

// leads says whether the caller has started the round.
func (v roundView) leads() bool {
	member, walks := v.member()
	return walks && member.Kind == models.MemberLeader
}

// beginsAnew says whether another start of the caller, who leads, tells something new.
func (v roundView) beginsAnew(at api.Time) bool {
	member, _ := v.member()
	return v.BeginsAnew(member, recorded(at))
}

// mayLead says whether the caller may do what belongs to the leader. Who sees the round is told so; to others it is not there.
func (v roundView) mayLead(operation models.Operation) error {
	object := models.Object{Place: v.place()}
	if v.leads() {
		object.Owner = v.who.ID
	}
	err := models.May(operation, v.who, object)
	if err != nil && v.may(models.OpGetRound) == nil {
		return models.Fail(models.CodeForbidden)
	}
	return err
}

// oversees says whether the caller sees the round by their scope.
func (v roundView) oversees() bool {
	return models.May(models.OpGetRound, v.who, models.Object{Place: v.place()}) == nil
}

// ListRounds answers GET /v1/rounds.
func (h *Server) ListRounds(ctx context.Context, request api.ListRoundsRequestObject) (api.ListRoundsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.RoundFilter{
		SquadID: value(params.SquadId), PersonID: value(params.PersonId), State: models.RoundState(value(params.State)),
		Now: asked.Now, From: instantOf(params.From), To: instantOf(params.To),
	}
	rounds, err := h.Store.Rounds(ctx, models.Sights(models.OpListRounds, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	wire := func(round models.Round) api.RoundSummary { return wireRoundSummary(round.AsOf(asked.Now)) }
	key := func(round models.Round) models.ID { return models.OrderID(round.StartsAt, round.ID) }
	items, next := listed(ctx, rounds, page, wire, key)
	return api.ListRounds200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetRound answers GET /v1/rounds/{round_id}. A look by somebody who does not walk with it is recorded.
func (h *Server) GetRound(ctx context.Context, request api.GetRoundRequestObject) (api.GetRoundResponseObject, error) {
	what := &deed{operation: models.OpGetRound, kind: "round", id: request.RoundId}
	view, err := h.viewRound(ctx, h.Store, request.RoundId)
	if err == nil {
		err = view.may(what.operation)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if _, walks := view.member(); !walks {
		for _, member := range view.members {
			what.subjects = append(what.subjects, string(member.PersonID))
		}
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	answer, err := h.wireRound(ctx, h.Store, view)
	return api.GetRound200JSONResponse(answer), err
}

// changeRound is the frame of what is done to one round: lock it, decide, settle it, answer it as it stands then.
// decide may change view.Round and write facts.
func (h *Server) changeRound(
	ctx context.Context, what *deed, decide func(tx *store.Store, view *roundView) error,
) (api.Round, error) {
	what.kind = "round"
	return act(ctx, h, what, 200, func(tx *store.Store) (api.Round, error) {
		view, err := h.lockedRound(ctx, tx, what.id)
		if err != nil {
			return api.Round{}, err
		}
		read, members := view.Round, view.members
		if err := decide(tx, &view); err != nil {
			return api.Round{}, err
		}
		if err := seatMembers(ctx, tx, view.Round, api.From(ctx).Now); err != nil {
			return api.Round{}, err
		}
		if _, err := settleRound(ctx, tx, read, view.Round, api.From(ctx).Now); err != nil {
			return api.Round{}, err
		}
		return h.changedRound(ctx, tx, what.id, members)
	})
}

// changedRound is how a round stands after a change, with the tracks settled of those who walk otherwise than before.
func (h *Server) changedRound(ctx context.Context, tx *store.Store, id models.ID, before []models.RoundMember) (api.Round, error) {
	view, err := h.viewRound(ctx, tx, id)
	if err != nil {
		return api.Round{}, err
	}
	// What its end has changed, settleRound has settled.
	changes := models.WalkChanges(view.Round, view.Round, before, view.members)
	if err := settleTracks(ctx, tx, changes, api.From(ctx).Now); err != nil {
		return api.Round{}, err
	}
	return h.wireRound(ctx, tx, view)
}
