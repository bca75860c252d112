package demo

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"xunfang/models"
)

type tipState struct {
	ID       models.ID   `json:"id"`
	State    string      `json:"state"`
	MediaIDs []models.ID `json:"media_ids"`
	Reporter *models.ID  `json:"reporter_id"`
}

// tell sends a tip with a photo, and follows it until the reporter has the officer's answer.
func (d *day) tell(ctx context.Context) {
	volunteer := d.volunteers[0]
	photo, err := photoWithPlace()
	if err != nil {
		d.line(false, volunteer.name, "POST /v1/media", "-", words{"照片没有生成", "the photo could not be made"})
		return
	}
	got := d.upload(ctx, volunteer, photo)
	media := into[tipState](got).ID
	d.prove(volunteer, "POST /v1/media", got, http.StatusCreated, media != "",
		words{"志愿者上传现场照片", "the volunteer uploads a photo"})
	got = d.call(ctx, volunteer, http.MethodGet, "/v1/media/"+string(media), nil)
	d.prove(volunteer, "GET /v1/media/{id}", got, http.StatusOK,
		bytes.HasPrefix(got.body, []byte("\xff\xd8")) && bytes.Contains(photo, []byte(phoneModel)) &&
			!bytes.Contains(got.body, []byte(phoneModel)) && !bytes.Contains(got.body, []byte("Exif")),
		words{"照片里的型号与位置已清除", "the phone's model and place are gone from it"})

	tip := map[string]any{
		"id": d.newID(), "category": "theft", "description": "车棚里有两个人在撬电动车锁，往东门方向跑了。",
		"position": position(d.compound.Centre), "media_ids": []models.ID{media},
	}
	got = d.call(ctx, volunteer, http.MethodPost, "/v1/tips", tip)
	sent := into[tipState](got)
	d.prove(volunteer, "POST /v1/tips", got, http.StatusCreated, sent.State == "received",
		words{"线索附照片送达", "the tip arrives with its photo"})
	got = d.call(ctx, volunteer, http.MethodPost, "/v1/tips", tip)
	d.prove(volunteer, "POST /v1/tips", got, http.StatusOK, into[tipState](got).ID == sent.ID,
		words{"信号不好重发一次：还是同一条", "sent again for lack of signal: the same tip"})

	path := "/v1/tips/" + string(sent.ID)
	got = d.call(ctx, d.stranger, http.MethodGet, path, nil)
	d.prove(d.stranger, "GET /v1/tips/{id}", got, http.StatusNotFound, problemCode(got) == models.CodeNotFound,
		words{"别的小区的居民看不到", "a resident of another compound cannot see it"})
	got = d.call(ctx, d.officer, http.MethodGet, path, nil)
	seen := into[tipState](got)
	d.prove(d.officer, "GET /v1/tips/{id}", got, http.StatusOK, seen.Reporter != nil && *seen.Reporter == volunteer.id,
		words{"本小区民警查看（留下记录）", "the compound's officer reads it, which is recorded"})
	for _, step := range []struct {
		state, note string
		what        words
	}{
		{"acknowledged", "收到，马上到。", words{"民警签收", "the officer acknowledges it"}},
		{"investigating", "正在调取东门监控。", words{"民警核查", "the officer looks into it"}},
		{"resolved", "车已追回，谢谢您。", words{"民警办结并答复", "the officer answers and resolves it"}},
	} {
		got = d.post(ctx, d.officer, path+"/transitions", map[string]string{"state": step.state, "note": step.note})
		d.prove(d.officer, "POST /v1/tips/{id}/transitions", got, http.StatusOK, into[tipState](got).State == step.state, step.what)
	}
	got = d.call(ctx, volunteer, http.MethodGet, "/v1/me/inbox", nil)
	answers := 0
	for _, item := range into[page[inboxItem]](got).Items {
		if item.About == sent.ID {
			answers++
		}
	}
	d.prove(volunteer, "GET /v1/me/inbox", got, http.StatusOK, answers == 3,
		words{"志愿者收到每一步的答复", "the volunteer has an answer to each step"})
}

// upload sends a photo as a form.
func (d *day) upload(ctx context.Context, who *actor, photo []byte) answer {
	body := bytes.Buffer{}
	form := multipart.NewWriter(&body)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="photo"; filename="photo.jpg"`)
	header.Set("Content-Type", "image/jpeg")
	part, err := form.CreatePart(header)
	if err == nil {
		_, err = part.Write(photo)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return answer{problem: err}
	}
	return d.send(ctx, who, http.MethodPost, "/v1/media", body.Bytes(),
		"Content-Type", form.FormDataContentType(), "Idempotency-Key", string(d.newID()))
}
