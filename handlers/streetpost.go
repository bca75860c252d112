package handlers

import (
	"context"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// What a street post is given that nobody said.
const (
	defaultPostRadiusM = 100
	defaultMaxGap      = 30 // minutes
)

// ListStreetPosts answers GET /v1/street-posts.
func (h *Server) ListStreetPosts(
	ctx context.Context, request api.ListStreetPostsRequestObject,
) (api.ListStreetPostsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.PlanFilter{Ended: value(request.Params.Ended)}
	posts, err := h.Store.StreetPosts(ctx, models.Sights(models.OpListStreetPosts, api.From(ctx).Principal), filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, posts, page, wireStreetPost, func(post models.StreetPost) models.ID { return post.ID })
	return api.ListStreetPosts200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateStreetPost answers POST /v1/street-posts.
func (h *Server) CreateStreetPost(
	ctx context.Context, request api.CreateStreetPostRequestObject,
) (api.CreateStreetPostResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	post := models.StreetPost{
		ID: h.NewID(), Place: models.Place{Station: asked.Principal.StationID}, Name: strings.TrimSpace(body.Name),
		At: fixOf(&body.Position).Position, RadiusM: or(body.RadiusM, defaultPostRadiusM),
		MaxGap: time.Duration(or(body.MaxGapMinutes, defaultMaxGap)) * time.Minute, CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateStreetPost, kind: "street_post", id: post.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.StreetPost, error) {
		if err := models.May(what.operation, asked.Principal, planned(post.Place.Station)); err != nil {
			return api.StreetPost{}, err
		}
		var err error
		if post.Place, err = postPlace(ctx, tx, post, body.CompoundId); err != nil {
			return api.StreetPost{}, err
		}
		return wireStreetPost(post), tx.AddStreetPost(ctx, post)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateStreetPost201JSONResponse(answer), nil
}

// postPlace is the place of a street post: in the compound that is named, or in the one that it is close to.
func postPlace(ctx context.Context, tx *store.Store, post models.StreetPost, compound *models.ID) (models.Place, error) {
	if compound == nil {
		compounds, err := tx.StationCompounds(ctx, post.Place.Station)
		return models.PostPlace(post.At, compounds, post.Place.Station), err
	}
	named, err := tx.Compound(ctx, *compound)
	if err == nil && named.StationID != post.Place.Station {
		err = models.Fail(models.CodeNotFound)
	}
	return named.Place(), noSuch(err, "compound_id")
}

// UpdateStreetPost answers PATCH /v1/street-posts/{post_id}.
func (h *Server) UpdateStreetPost(
	ctx context.Context, request api.UpdateStreetPostRequestObject,
) (api.UpdateStreetPostResponseObject, error) {
	body := request.Body
	what := &deed{operation: models.OpUpdateStreetPost, kind: "street_post", id: request.PostId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.StreetPost, error) {
		post, err := streetPostToChange(ctx, tx, what, request.PostId)
		if err != nil {
			return api.StreetPost{}, err
		}
		if !post.EndedAt.IsZero() {
			return api.StreetPost{}, models.Fail(models.CodeWrongState)
		}
		before := post
		post.Name, post.RadiusM = strings.TrimSpace(or(body.Name, post.Name)), or(body.RadiusM, post.RadiusM)
		if body.MaxGapMinutes != nil {
			post.MaxGap = time.Duration(*body.MaxGapMinutes) * time.Minute
		}
		if body.Position != nil {
			post.At = fixOf(body.Position).Position
		}
		if body.Position != nil || body.CompoundId != nil {
			if post.Place, err = postPlace(ctx, tx, post, body.CompoundId); err != nil {
				return api.StreetPost{}, err
			}
		}
		if post.At != before.At || post.RadiusM != before.RadiusM || post.Place != before.Place {
			if err := tx.CoverageGroundChanged(ctx, post.Place.Station, api.From(ctx).Now); err != nil {
				return api.StreetPost{}, err
			}
		}
		return wireStreetPost(post), tx.UpdateStreetPost(ctx, post)
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateStreetPost200JSONResponse(answer), nil
}

// EndStreetPost answers POST /v1/street-posts/{post_id}/end; ending twice is no mistake, ending one where a shift
// stands is.
func (h *Server) EndStreetPost(ctx context.Context, request api.EndStreetPostRequestObject) (api.EndStreetPostResponseObject, error) {
	what := &deed{operation: models.OpEndStreetPost, kind: "street_post", id: request.PostId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.StreetPost, error) {
		post, err := streetPostToChange(ctx, tx, what, request.PostId)
		if err != nil {
			return api.StreetPost{}, err
		}
		stands, err := tx.StandsAt(ctx, post.ID)
		if err == nil && stands {
			err = models.Fail(models.CodeStillInUse)
		}
		if err == nil {
			err = tx.EndStreetPost(ctx, post.ID, api.From(ctx).Now)
		}
		if err != nil {
			return api.StreetPost{}, err
		}
		post, err = tx.StreetPost(ctx, post.ID)
		return wireStreetPost(post), err
	})
	if err != nil {
		return nil, err
	}
	return api.EndStreetPost200JSONResponse(answer), nil
}

// streetPostToChange locks and reads a street post that the caller may change.
func streetPostToChange(ctx context.Context, tx *store.Store, what *deed, id models.ID) (models.StreetPost, error) {
	if err := tx.LockStreetPost(ctx, id); err != nil {
		return models.StreetPost{}, err
	}
	post, err := tx.StreetPost(ctx, id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, planned(post.Place.Station))
	}
	return post, err
}

func wireStreetPost(post models.StreetPost) api.StreetPost {
	return api.StreetPost{
		Id: post.ID, Name: post.Name, Position: wirePosition(post.At), RadiusM: post.RadiusM,
		MaxGapMinutes: int(post.MaxGap / time.Minute), CompoundId: idOrNil(post.Place.Compound),
		CreatedAt: api.At(post.CreatedAt), EndedAt: api.AtOrNil(post.EndedAt),
	}
}
