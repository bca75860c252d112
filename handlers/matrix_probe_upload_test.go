package handlers_test

import (
	"context"
	"crypto/sha256"
	"net/http"

	"xunfang/models"
	"xunfang/store"
)

// upload is a new upload of the owner's; with data, all of it is there.
func (s *stage) upload(who *caller, at column, data []byte) models.ID {
	if at == missing {
		return s.missing
	}
	owner := s.owner(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		upload := models.Upload{
			ID: id, OwnerID: owner.ID, StationID: owner.Station, Length: int64(max(len(data), 9)),
			CreatedAt: s.now(), ExpiresAt: s.now().Add(models.UploadLife),
		}
		if err := tx.AddUpload(ctx, upload); err != nil || data == nil {
			return err
		}
		part := store.UploadPart{ID: s.rig.ids.next(), Bytes: int64(len(data))}
		part.BlobName = "2026/11/" + string(part.ID) + ".part"
		sealed := s.rig.keys.Seal(data, "upload_parts:"+string(part.ID))
		if err := s.rig.server.Blobs.Put(ctx, part.BlobName, "application/octet-stream", sealed); err != nil {
			return err
		}
		if err := tx.BeginUploadPart(ctx, id, part); err != nil {
			return err
		}
		return tx.KeepUploadPart(ctx, id, part)
	})
}

// original is the sealed original of a photo.
func (s *stage) original(media models.ID) {
	sum := sha256.Sum256(tinyPNG())
	s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		name := "2026/11/" + string(id) + ".sealed"
		sealed := s.rig.keys.Seal(tinyPNG(), "media_originals:"+string(id))
		if err := s.rig.server.Blobs.Put(ctx, name, "application/octet-stream", sealed); err != nil {
			return err
		}
		if err := tx.BeginOriginal(ctx, models.MediaOriginal{
			ID: id, MediaID: media, BlobName: name, Sealer: "vault", SHA256: sum[:], CreatedAt: s.now(),
		}); err != nil {
			return err
		}
		return tx.KeepOriginal(ctx, id)
	})
}

var tusHeaders = []string{"Tus-Resumable", "1.0.0"}

func (a asked) tus(headers ...string) asked {
	a.headers = append(append(a.headers, tusHeaders...), headers...)
	return a
}

var uploadProbes = map[string]probe{
	"getMediaOriginal": about(func(s *stage, who *caller, at column) asked {
		photo := s.once("original", s.owner(who, at), at, func() models.ID {
			made := s.photo(who, at)
			s.original(made)
			s.tip(who, at, made)
			return made
		})
		return get("/v1/media/%s/original?reason=matrix", photo)
	}),
	"getUploadOptions": plain(func(*stage, *caller) asked {
		return asked{method: http.MethodOptions, path: "/v1/uploads"}
	}),
	"createUpload": plain(func(*stage, *caller) asked { return post(nil, "/v1/uploads").tus("Upload-Length", "9") }),
}

// tusProbes are those of one upload: the operations of a noun under a path.
func tusProbes(noun, path string) map[string]probe {
	return map[string]probe{
		"head" + noun: about(func(s *stage, who *caller, at column) asked {
			return asked{method: http.MethodHead, path: path + "/" + string(s.upload(who, at, nil))}.tus()
		}),
		"patch" + noun: about(func(s *stage, who *caller, at column) asked {
			return asked{
				method: http.MethodPatch, path: path + "/" + string(s.upload(who, at, nil)),
				body: rawBody{Type: "application/offset+octet-stream", Text: []byte("some")},
			}.tus("Upload-Offset", "0")
		}),
		"delete" + noun: about(func(s *stage, who *caller, at column) asked {
			return remove(path+"/%s", s.upload(who, at, nil)).tus()
		}),
		"finish" + noun: about(func(s *stage, who *caller, at column) asked {
			return post(nil, path+"/%s/media", s.upload(who, at, tinyPNG()))
		}),
	}
}
