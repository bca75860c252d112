package handlers_test

import (
	"context"

	"xunfang/models"
	"xunfang/store"
)

// groupMessage is a new message of somebody's in the group of the column's compound.
func (s *stage) groupMessage(author *caller, at column, notice bool, media ...models.ID) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		message := models.GroupMessage{
			ID: id, Place: s.compound[at].Place, AuthorID: author.ID, AuthorRole: models.RoleProperty, Text: "电动自行车被盗",
			Notice: notice, MediaIDs: media, SentAt: s.now(),
		}
		if _, err := tx.AddGroupMessage(ctx, message); err != nil {
			return err
		}
		return tx.AttachToGroupMessage(ctx, message)
	})
}

var groupProbes = map[string]probe{
	"listGroups": lists("id", "/v1/groups", func(s *stage, _ *caller, at column) models.ID { return s.compoundID(at) }),
	"getGroup":   about(func(s *stage, _ *caller, at column) asked { return get("/v1/groups/%s", s.compoundID(at)) }),
	"readGroup": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"up_to": s.groupMessage(s.owner(who, at), at, false)}, "/v1/groups/%s/read", s.compoundID(at))
	}),
	"createGroupMessage": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "text": "请各栋自查"}, "/v1/groups/%s/messages", s.compoundID(at))
	}),
	"createGroupMessage (photo)": about(func(s *stage, who *caller, at column) asked {
		body := map[string]any{"id": s.rig.ids.next(), "media_ids": []models.ID{s.photo(who, at)}}
		return post(body, "/v1/groups/%s/messages", s.compoundID(own)).naming("media_ids[0]")
	}),
	"listGroupMessages": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/groups/%s/messages", s.compoundID(at))
	}),
	"deleteGroupMessage": about(func(s *stage, who *caller, at column) asked {
		return remove("/v1/groups/%s/messages/%s", s.compoundID(at), s.groupMessage(s.owner(who, at), at, false))
	}),
	"hideGroupMessage": about(func(s *stage, who *caller, at column) asked {
		message := s.groupMessage(s.owner(who, at), at, false)
		return post(map[string]any{"reason": "有住户的个人信息"}, "/v1/groups/%s/messages/%s/hide", s.compoundID(at), message)
	}),
	"acknowledgeGroupMessage": about(func(s *stage, _ *caller, at column) asked {
		return post(nil, "/v1/groups/%s/messages/%s/acknowledge", s.compoundID(at), s.groupMessage(s.rig.Commander, at, true))
	}),
	"listGroupAcknowledgements": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/groups/%s/messages/%s/acknowledgements", s.compoundID(at), s.groupMessage(s.rig.Commander, at, true))
	}),
	"getMedia (group)": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/media/%s", s.once("group photo", s.owner(who, at), at, func() models.ID {
			photo := s.photo(who, at)
			s.groupMessage(s.owner(who, at), at, false, photo)
			return photo
		}))
	}),
}
