package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// wireRound writes a round as the caller may see it. The names of who walks with it are for those who do, confirmed,
// and for who oversees it; whoever waits to be confirmed, or is of the squad and has not joined, sees themself.
func (h *Server) wireRound(ctx context.Context, db *store.Store, view roundView) (api.Round, error) {
	names, err := db.RoundNames(ctx, view.ID)
	view.Round = view.AsOf(api.From(ctx).Now)
	return h.wireNamedRound(view, names), err
}

// wireNamedRound is wireRound for a round as it stands now, by the names of its members.
func (h *Server) wireNamedRound(view roundView, names map[models.ID]models.Secret) api.Round {
	head := wireRoundSummary(view.Round)
	wire := api.Round{
		Id: head.Id, PlanId: head.PlanId, SquadId: head.SquadId, Date: head.Date, LeaderId: head.LeaderId, State: head.State,
		StartsAt: head.StartsAt, EndsAt: head.EndsAt, StartedAt: head.StartedAt, EndedAt: head.EndedAt, EndedBy: head.EndedBy,
		Reason: head.Reason, Ordered: head.Ordered, Team: head.Team, Credited: head.Credited,
		NotCreditedBecause: head.NotCreditedBecause, Counts: head.Counts, Stops: make([]api.RoundStop, 0, len(view.Stops)),
		Members: []api.RoundMember{}, Guests: []api.RoundGuest{}, Join: h.wireJoin(view),
	}
	for _, stop := range view.Stops {
		wire.Stops = append(wire.Stops, wireRoundStop(stop))
	}
	own, _ := view.member()
	all := view.oversees() || !own.ConfirmedAt.IsZero() && !own.LeftOut
	leftOut := view.LeftOut(view.members, view.guests)
	for _, member := range view.members {
		if view.After(member.JoinedAt) { // as one whose record came after that of the end, and was refused
			continue
		}
		if all || member.PersonID == view.who.ID {
			wire.Members = append(wire.Members, api.RoundMember{
				PersonId: member.PersonID, Name: names[member.PersonID].Reveal(), Kind: api.RoundMemberKind(member.Kind),
				JoinedAt: api.At(member.JoinedAt), Confirmed: !member.ConfirmedAt.IsZero(), LeftOut: leftOut[member.PersonID],
				LeftAt: timeOrNil(member.LeftAt),
			})
		}
	}
	for _, guest := range view.guests {
		if !all || view.After(guest.AddedAt) {
			continue
		}
		shown := api.RoundGuest{
			Id: guest.ID, Name: textOrNil(guest.Name.Reveal()), AddedAt: api.At(guest.AddedAt), LeftOut: leftOut[guest.ID],
		}
		if own.Kind == models.MemberLeader || view.oversees() {
			shown.Phone = textOrNil(models.MaskPhone(guest.Phone))
		}
		wire.Guests = append(wire.Guests, shown)
	}
	return wire
}

func wireRoundSummary(round models.Round) api.RoundSummary {
	wire := api.RoundSummary{
		Id: round.ID, PlanId: idOrNil(round.PlanID), SquadId: idOrNil(round.SquadID), Date: textOrNil(round.Date.String()),
		LeaderId: idOrNil(round.LeaderID), State: api.RoundState(round.State), StartsAt: api.At(round.StartsAt),
		EndsAt: api.At(round.EndsAt), StartedAt: timeOrNil(round.StartedAt), EndedAt: timeOrNil(round.EndedAt),
		EndedBy: idOrNil(round.EndedBy), Reason: textOrNil(round.Reason), Ordered: round.Ordered, Team: round.Team,
		Credited: round.Credited(),
	}
	if !wire.Credited {
		because := api.OneScanner
		if round.Scanners == 0 {
			because = api.NoScanner
		}
		wire.NotCreditedBecause = &because
	}
	counts := map[models.StopState]*int{
		models.StopPending: &wire.Counts.Pending, models.StopOnTime: &wire.Counts.OnTime, models.StopLate: &wire.Counts.Late,
		models.StopMissed: &wire.Counts.Missed, models.StopSkipped: &wire.Counts.Skipped, models.StopExtra: &wire.Counts.Extra,
	}
	for _, stop := range round.Stops {
		*counts[stop.State]++
	}
	wire.Counts.Planned = len(round.Stops) - wire.Counts.Extra
	return wire
}

func wireRoundStop(stop models.RoundStop) api.RoundStop {
	return api.RoundStop{
		Ordinal: stop.Ordinal, CheckpointId: stop.CheckpointID, FromAt: timeOrNil(stop.FromAt), UntilAt: timeOrNil(stop.UntilAt),
		Priority: api.RoundStopPriority(stop.Priority), State: api.RoundStopState(stop.State), SeenAt: timeOrNil(stop.SeenAt),
		SeenBy: idOrNil(stop.SeenBy), CheckInId: idOrNil(stop.CheckInID), SkipReason: textOrNil(stop.SkipReason),
	}
}

func timeOrNil(at time.Time) *api.Time {
	if at.IsZero() {
		return nil
	}
	wire := api.At(at)
	return &wire
}

// recorded is a phone's instant as it is kept, to the millisecond, so that what is decided now is decided alike later.
func recorded(at api.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }
