package demo

import (
	"context"
	"net/http"
	"strings"
	"time"

	"xunfang/models"
)

const (
	faceOrders    = "GET /v1/devices/{id}/enrolment-orders"
	confirmFace   = "POST /v1/devices/{id}/enrolments/{id}"
	concernFigure = "GET /v1/concern-statistics"
)

// showFace enrols a face at a terminal that alone ever sees it, takes it back, and has the terminal report a person of concern.
func (d *day) showFace(ctx context.Context) {
	if d.north == nil {
		d.line(false, "-", confirmFace, "-", words{"没有门口机", "there is no terminal"})
		return
	}
	self, ways := d.north.self, "/v1/doors/"+string(d.north.door)+"/ways"
	got := d.call(ctx, d.admin, http.MethodPut, ways, map[string]any{"ways": []string{"face", "button"}})
	d.prove(d.admin, "PUT /v1/doors/{id}/ways", got, http.StatusUnprocessableEntity, problemCode(got) == models.CodeFaceOnly,
		words{"只能刷脸的门：服务器拒绝", "a door whose only way in is a face: refused"})
	d.call(ctx, d.admin, http.MethodPut, ways, map[string]any{"ways": []string{"code", "remote", "face"}})
	version := into[struct{ Version string }](d.call(ctx, d.host, http.MethodGet, "/v1/face-consent-texts/current", nil)).Version
	consent, enrolment := d.newID(), d.newID()
	got = d.call(ctx, d.host, http.MethodPost, "/v1/me/face-consents", map[string]any{"id": consent, "home_id": d.home, "version": version})
	d.prove(d.host, "POST /v1/me/face-consents", got, http.StatusCreated, version != "",
		words{"居民单独同意在门口机登记人脸", "the resident gives a consent of its own to entry by face"})
	got = d.call(ctx, d.host, http.MethodPost, "/v1/me/face-enrolments", map[string]any{
		"id": enrolment, "consent_id": consent, "door_id": d.north.door,
	})
	token := into[struct{ Token string }](got).Token
	d.prove(d.host, "POST /v1/me/face-enrolments", got, http.StatusCreated, token != "",
		words{"登记请求单向交给门口机，居民得到一次性令牌", "the request is handed to the terminal, one way; the resident gets a token"})
	confirm := "/v1/devices/" + string(self.id) + "/enrolments/" + string(enrolment)
	asked := d.faceOrder(ctx, enrolment)
	got = d.post(ctx, self, confirm, map[string]any{"result": "enrolled", "token": token})
	d.prove(self, confirmFace, got, http.StatusOK, asked == "enrol" && into[struct{ State string }](got).State == "enrolled",
		words{"门口机自己采集，只回报“已登记”：人脸从不经过服务器", "the terminal enrols by itself and says so: no face ever passes the server"})
	got = d.call(ctx, d.host, http.MethodDelete, "/v1/me/face-consents/"+string(consent), nil)
	asked = d.faceOrder(ctx, enrolment)
	d.prove(d.host, "DELETE /v1/me/face-consents/{id}", got, http.StatusNoContent, asked == "delete",
		words{"居民撤回同意：删除指令立即等着门口机", "the resident withdraws: the order to delete waits for the terminal at once"})
	said := d.post(ctx, self, confirm, map[string]any{"result": "deleted"})
	got = d.call(ctx, d.host, http.MethodGet, "/v1/me/face-enrolments", nil)
	gone := strings.Contains(string(got.body), `"state":"deleted"`) && d.faceOrder(ctx, enrolment) == ""
	d.prove(self, confirmFace, said, http.StatusOK, gone,
		words{"门口机回报已删除，居民看得到", "the terminal confirms the deletion, and the resident sees it"})
	d.reportConcern(ctx)
}

// faceOrder is what the terminal is asked to do with an enrolment; "" for nothing.
func (d *day) faceOrder(ctx context.Context, enrolment models.ID) string {
	got := d.call(ctx, d.north.self, http.MethodGet, "/v1/devices/"+string(d.north.self.id)+"/enrolment-orders", nil)
	for _, one := range into[page[struct {
		EnrolmentID models.ID `json:"enrolment_id"`
		Order       string
	}]](got).Items {
		if one.EnrolmentID == enrolment {
			return one.Order
		}
	}
	return ""
}

// reportConcern has two people approve the terminal as a source; its report is a lead that a named officer looks at and dismisses.
func (d *day) reportConcern(ctx context.Context) {
	type figures struct {
		Total struct{ Reports, Dismissed int }
	}
	self := d.north.self
	before := into[figures](d.call(ctx, d.seller, http.MethodGet, "/v1/concern-statistics", nil)).Total
	got := d.post(ctx, d.officer, "/v1/concern-sources", map[string]any{
		"device_id": self.id, "name": "北便门人像终端", "reason": "市局布控平台下发",
		"valid_until": time.Now().UTC().Add(30 * 24 * time.Hour).Format(time.RFC3339),
	})
	approval := "/v1/concern-sources/" + string(into[struct{ ID models.ID }](got).ID) + "/approval"
	own := d.post(ctx, d.officer, approval, nil)
	got = d.post(ctx, d.commander, approval, nil)
	d.prove(d.commander, "POST /v1/concern-sources/{id}/approval", got, http.StatusOK, own.status >= http.StatusBadRequest,
		words{"上报来源须两人批准，提出的人自己不算", "a source of such reports takes two: who proposed it does not count"})
	report := d.newID()
	got = d.call(ctx, self, http.MethodPost, "/v1/devices/"+string(self.id)+"/concern-reports", map[string]any{
		"id": report, "kind": "wanted", "terminal": "north-1", "occurred_at": time.Now().UTC().Format(time.RFC3339), "confidence": 0.71,
	})
	d.prove(self, "POST /v1/devices/{id}/concern-reports", got, http.StatusCreated, true,
		words{"终端上报疑似重点人员：只是线索，只到值班台", "the terminal reports a person of concern: a lead, for the duty desk alone"})
	path := "/v1/concern-reports/" + string(report)
	unseen := d.call(ctx, d.seller, http.MethodGet, path+"?reason=%E5%A5%BD%E5%A5%87%E7%9C%8B%E7%9C%8B", nil)
	got = d.post(ctx, d.commander, path+"/decision", map[string]any{"state": "dismissed", "reason": "经比对不是同一人"})
	decided := into[struct {
		State     string
		DecidedBy models.ID `json:"decided_by"`
	}](got)
	d.prove(d.commander, "POST /v1/concern-reports/{id}/decision", got, http.StatusOK,
		decided.State == "dismissed" && decided.DecidedBy == d.commander.id && unseen.status == http.StatusForbidden,
		words{"值班所长具名核实：不是同一人，排除；谁也没有被派出", "a named officer at the desk looks and dismisses it; nobody was sent"})
	got = d.call(ctx, d.seller, http.MethodGet, "/v1/concern-statistics", nil)
	after := into[figures](got).Total
	d.prove(d.seller, concernFigure, got, http.StatusOK, after.Reports == before.Reports+1 && after.Dismissed == before.Dismissed+1,
		words{"报错了多少，辖区公开可查", "how many were wrong is open to everybody in the station's work"})
}
