package handlers

import (
	"encoding/json"
	"slices"

	"xunfang/api"
	"xunfang/models"
)

// syncKind is one kind of object in an answer.
type syncKind interface {
	objects() ([]models.SyncObject, error)
	narrow(changed map[models.SyncKey]bool)
}

type syncList[W any] struct {
	kind models.SyncKind
	list *[]W
	id   func(W) models.ID
}

// syncKinds are the kinds of an answer, in the order of models.SyncKinds.
func syncKinds(answer *api.Sync) []syncKind {
	return []syncKind{
		syncList[api.Squad]{models.SyncSquad, &answer.Squads, func(squad api.Squad) models.ID { return squad.Id }},
		syncList[api.SyncPerson]{models.SyncPerson, &answer.People, func(person api.SyncPerson) models.ID { return person.Id }},
		syncList[api.Shift]{models.SyncShift, &answer.Shifts, func(shift api.Shift) models.ID { return shift.Id }},
		syncList[api.Round]{models.SyncRound, &answer.Rounds, func(round api.Round) models.ID { return round.Id }},
		syncList[api.RoundPlan]{models.SyncRoundPlan, &answer.RoundPlans, func(plan api.RoundPlan) models.ID { return plan.Id }},
		syncList[api.Route]{models.SyncRoute, &answer.Routes, func(route api.Route) models.ID { return route.Id }},
		syncList[api.StreetPost]{models.SyncStreetPost, &answer.StreetPosts, func(post api.StreetPost) models.ID { return post.Id }},
		syncList[api.Checkpoint]{models.SyncCheckpoint, &answer.Checkpoints, func(point api.Checkpoint) models.ID { return point.Id }},
	}
}

func (l syncList[W]) key(wire W) models.SyncKey { return models.SyncKey{Kind: l.kind, ID: l.id(wire)} }

func (l syncList[W]) objects() ([]models.SyncObject, error) {
	found := make([]models.SyncObject, 0, len(*l.list))
	for _, wire := range *l.list {
		body, err := json.Marshal(wire)
		if err != nil {
			return nil, err
		}
		found = append(found, models.SyncObject{SyncKey: l.key(wire), Body: body})
	}
	return found, nil
}

func (l syncList[W]) narrow(changed map[models.SyncKey]bool) {
	*l.list = slices.DeleteFunc(listOf(*l.list), func(wire W) bool { return !changed[l.key(wire)] })
}

// syncObjects are all objects of an answer.
func syncObjects(answer *api.Sync) ([]models.SyncObject, error) {
	all := []models.SyncObject{}
	for _, kind := range syncKinds(answer) {
		more, err := kind.objects()
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// narrowSync leaves in an answer what a step sends.
func narrowSync(answer *api.Sync, step models.SyncStep) {
	changed := make(map[models.SyncKey]bool, len(step.Changed))
	for _, object := range step.Changed {
		changed[object.SyncKey] = true
	}
	for _, kind := range syncKinds(answer) {
		kind.narrow(changed)
	}
	answer.More, answer.Gone = step.More, make([]api.SyncGone, 0, len(step.Gone))
	for _, key := range step.Gone {
		answer.Gone = append(answer.Gone, api.SyncGone{Kind: api.SyncKind(key.Kind), Id: key.ID})
	}
}
