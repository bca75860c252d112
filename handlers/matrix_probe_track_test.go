package handlers_test

import (
	"context"
	"crypto/sha256"

	"xunfang/models"
	"xunfang/store"
)

var trackProbes = map[string]probe{
	"createTracks": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"items": []any{map[string]any{"at": instant(s.now()), "position": somewhere}}}, "/v1/tracks")
	}),
	"listTracks": {list: "person_id", ask: func(s *stage, who *caller, at column) asked {
		request := get("/v1/tracks?person_id=%s", s.tracked(who, at))
		request.object = s.tracked(who, at)
		return request
	}},
	"listTracks (round)": {list: "person_id", ask: func(s *stage, who *caller, at column) asked {
		request := get("/v1/tracks?round_id=%s", s.walkedRound(who, at))
		request.object = s.tracked(who, at)
		return request
	}},
	"reportOwnTracks": plain(func(s *stage, _ *caller) asked {
		request := post(map[string]any{"_type": "location", "lat": 30.52, "lon": 105.601, "tst": s.now().Unix()}, "/v1/trackers/owntracks")
		request.headers = []string{"Authorization", basic(s.tracker(s.patroller[sameCompound], models.TrackerOwnTracks), matrixSecret)}
		return request
	}),
	"reportOsmAnd": plain(func(s *stage, _ *caller) asked {
		return get("/v1/trackers/osmand?id=%s.%s&lat=30.52&lon=105.601", s.tracker(s.patroller[sameCompound], models.TrackerOsmAnd), matrixSecret)
	}),
	"postOsmAnd": plain(func(s *stage, _ *caller) asked {
		return post(nil, "/v1/trackers/osmand?id=%s.%s&lat=30.52&lon=105.601", s.tracker(s.patroller[sameCompound], models.TrackerOsmAnd), matrixSecret)
	}),
	"listMyTrackers": lists("id", "/v1/me/trackers", func(s *stage, who *caller, at column) models.ID {
		owner := s.owner(who, at)
		return s.once("tracker", owner, at, func() models.ID { return s.tracker(owner, models.TrackerOwnTracks) })
	}),
	"createMyTracker": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "name": s.name(), "kind": "osmand"}, "/v1/me/trackers")
	}),
	"deleteMyTracker": about(func(s *stage, who *caller, at column) asked {
		if at == missing {
			return remove("/v1/me/trackers/%s", s.missing)
		}
		return remove("/v1/me/trackers/%s", s.tracker(s.owner(who, at), models.TrackerOwnTracks))
	}),
}

const matrixSecret = "matrix-secret"

// tracker is a new tracker of the owner's, whose secret is matrixSecret.
func (s *stage) tracker(owner *caller, kind models.TrackerKind) models.ID {
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddTracker(ctx, models.Tracker{
			ID: id, PersonID: owner.ID, StationID: owner.Station, Name: "旧手机", Kind: kind,
			SecretMAC: s.rig.keys.CodeMAC("tracker", matrixSecret), CreatedAt: s.now(),
		})
	})
}

// tracked is somebody with a track: the caller, or who patrols in the column's place.
func (s *stage) tracked(who *caller, at column) models.ID {
	s.walkedRound(who, at)
	if at == missing {
		return s.missing
	}
	return s.walkerOf(who, at).ID
}

func (s *stage) walkerOf(who *caller, at column) *caller {
	if other := s.patroller[at]; other != nil {
		return other
	}
	return s.owner(who, at)
}

// walkedRound is a round in which the walker has one position.
func (s *stage) walkedRound(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	walker := s.walkerOf(who, at)
	return s.once("track", walker, at, func() models.ID {
		sum := sha256.Sum256([]byte(walker.ID))
		return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			return tx.AddTrackPoints(ctx, []models.TrackPoint{{
				PersonID: walker.ID, StationID: walker.Station, RoundID: id, BootID: string(id), At: s.now(), PhoneAt: s.now(), ReceivedAt: s.now(),
				Source: models.SourceApp, Fix: models.Fix{ReportedCRS: models.WGS84, Position: models.Position{Lat: 30 + float64(sum[0])/1000, Lng: 105}},
			}}, s.now())
		})
	})
}
