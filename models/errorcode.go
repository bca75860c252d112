package models

// Code is the stable name of one error: apps switch on it, documents list it.
type Code string

// The error codes. A code, once published, keeps its meaning for ever.
const (
	CodeInvalidRequest    Code = "invalid_request"
	CodeInvalidJSON       Code = "invalid_json"
	CodeBadCursor         Code = "bad_cursor"
	CodeKeyMissing        Code = "idempotency_key_missing"
	CodeKeyReused         Code = "idempotency_key_reused"
	CodeKeyInFlight       Code = "idempotency_key_in_flight"
	CodeUnauthenticated   Code = "unauthenticated"
	CodeTokenExpired      Code = "token_expired"
	CodeBadCredentials    Code = "bad_credentials"
	CodeForbidden         Code = "forbidden"
	CodeReasonNeeded      Code = "reason_needed"
	CodeBadSignature      Code = "bad_signature"
	CodeSignatureExpired  Code = "signature_expired"
	CodeNotFound          Code = "not_found"
	CodeMethodNotAllowed  Code = "method_not_allowed"
	CodeConflict          Code = "conflict"
	CodeAlreadyExists     Code = "already_exists"
	CodeWrongState        Code = "wrong_state"
	CodeConversationOver  Code = "conversation_over"
	CodeNoReporter        Code = "no_reporter"
	CodeTipMediaFull      Code = "tip_media_full"
	CodeRoundFull         Code = "round_full"
	CodeTooManyCodes      Code = "too_many_codes"
	CodeStillInUse        Code = "still_in_use"
	CodeOwnRoles          Code = "own_roles"
	CodeOwnCheckIn        Code = "own_check_in"
	CodeSecondPerson      Code = "second_person_needed"
	CodeSourceNotApproved Code = "source_not_approved"
	CodeTooLarge          Code = "too_large"
	CodeUnsupportedMedia  Code = "unsupported_media_type"
	CodeNotAPicture       Code = "not_a_picture"
	CodeNotARecording     Code = "not_a_recording"
	CodeTusVersion        Code = "tus_version"
	CodeUploadOffset      Code = "upload_offset"
	CodeUploadChecksum    Code = "upload_checksum"
	CodeTooManyUploads    Code = "too_many_uploads"
	CodeNotPrintable      Code = "not_printable"
	CodeUnprocessable     Code = "unprocessable"
	CodeFaceOnly          Code = "face_only"
	CodeGuardianNeeded    Code = "guardian_needed"
	CodeProofRefused      Code = "proof_refused"
	CodeProofUsed         Code = "proof_used"
	CodeNoStationKey      Code = "no_station_key"
	CodeWeChatNotBound    Code = "wechat_not_bound"
	CodeWeChatOff         Code = "wechat_off"
	CodeTooManyReceipts   Code = "too_many_receipts"
	CodeTooManyCalls      Code = "too_many_calls"
	CodeRateLimited       Code = "rate_limited"
	CodeTooManySignIns    Code = "too_many_sign_ins"
	CodeSMSTooSoon        Code = "sms_code_too_soon"
	CodeBusy              Code = "busy"
	CodeBrokerUnavailable Code = "broker_unavailable"
	CodeInternal          Code = "internal"
)

// CodeInfo describes one code for people.
type CodeInfo struct {
	Code             Code
	Kind             Kind
	TitleZH, TitleEN string // short, always the same for the code
	AdviceZH         string // what the caller can do
	AdviceEN         string
}

// Codes lists every error code with its words; docs/errors.md is generated from it.
var Codes = []CodeInfo{
	{CodeInvalidRequest, KindInvalid, "请求不符合约定", "The request breaks the contract", "请按 errors 中列出的字段逐一修改后重试。", "Correct the fields listed in errors and send it again."},
	{CodeInvalidJSON, KindInvalid, "请求正文不是有效的 JSON", "The body is not valid JSON", "请检查正文的 JSON 语法、编码（UTF-8）和重复的键。", "Check the body's JSON syntax, its UTF-8 encoding and repeated keys."},
	{CodeBadCursor, KindInvalid, "翻页游标无效", "The cursor is not valid", "请去掉 cursor 从第一页重新读取。", "Drop the cursor and read again from the first page."},
	{CodeKeyMissing, KindInvalid, "缺少 Idempotency-Key", "Idempotency-Key is missing", "请为每次操作生成一个新的 Idempotency-Key，重试时沿用同一个。", "Make a new Idempotency-Key for each action and keep it when retrying."},
	{CodeKeyReused, KindUnprocessable, "Idempotency-Key 已用于另一请求", "The Idempotency-Key was used for another request", "内容不同的请求须使用新的 Idempotency-Key。", "A request with other content needs a new Idempotency-Key."},
	{CodeKeyInFlight, KindConflict, "同一请求正在处理", "The same request is being handled", "请稍候用同一个 Idempotency-Key 重试。", "Wait a moment and retry with the same Idempotency-Key."},
	{CodeUnauthenticated, KindUnauthenticated, "需要登录", "Sign-in is needed", "请登录后在 Authorization 中携带访问令牌。", "Sign in and send the access token in Authorization."},
	{CodeTokenExpired, KindUnauthenticated, "登录已过期", "The access token has expired", "请用刷新令牌换取新的访问令牌。", "Use the refresh token to get a new access token."},
	{CodeBadCredentials, KindUnauthenticated, "登录信息不正确", "The credentials are not right", "请检查后重试；多次失败会变慢。", "Check them and try again; repeated failures slow down."},
	{CodeBadSignature, KindUnauthenticated, "签名不正确", "The signature does not hold", "请按该操作的说明，用约定的密钥对时间戳和原样正文签名；设备用其密钥派生的事件密钥。", "Sign the time and the body as sent, as the operation says, with the key agreed on; a device with the event key of its secret."},
	{CodeSignatureExpired, KindUnauthenticated, "签名的时间相差太多", "The signature's time is too far off", "请按答复的 Date 校准设备时钟，重新签名后发送；已发生的事件保持原来的时间。", "Set the device's clock by the answer's Date and sign again; events keep the times they had."},
	{CodeForbidden, KindForbidden, "您的角色不能进行此操作", "None of your roles may do this", "如确有需要，请联系派出所管理员。", "Ask the station's administrator if you need to."},
	{CodeReasonNeeded, KindUnprocessable, "需要填写理由", "A reason is needed", "请在 reason 中写明开门理由，理由会被记录。", "Say why in reason; it is recorded."},
	{CodeNotFound, KindNotFound, "没有找到", "Not found", "它不存在，或不在您的范围内。", "It does not exist, or is not within your scope."},
	{CodeMethodNotAllowed, KindMethod, "此地址不支持该方法", "This address does not take that method", "请对照接口文档检查请求方法。", "Check the method against the documentation."},
	{CodeConflict, KindConflict, "与当前状态冲突", "It conflicts with the current state", "请重新读取后再试。", "Read it again and retry."},
	{CodeAlreadyExists, KindConflict, "已经存在", "It already exists", "请使用已有的一个，或换一个名称。", "Use the existing one, or another name."},
	{CodeWrongState, KindConflict, "当前状态不允许此操作", "Its state does not allow this", "请重新读取它的状态。", "Read its state again."},
	{CodeConversationOver, KindConflict, "这条线索的对话已结束", "The conversation about this tip is over", "线索办结 7 天后不再收发消息；有新情况请提交新的线索。", "Messages end 7 days after the tip did; send a new tip if there is news."},
	{CodeNoReporter, KindConflict, "这条线索没有可以对话的提交者", "Nobody would read a message about this tip", "线索由市民应用（Open311）转来，请看公开的办理状态。", "It came from a civic app (Open311), which shows the public status."},
	{CodeTipMediaFull, KindConflict, "这条线索的照片和录音已满", "The tip has all the photos and recordings it may have", "每条线索至多 9 个、合计 100 MiB；请用文字补充。", "9 files and 100 MiB a tip; add words instead."},
	{CodeRoundFull, KindConflict, "这次巡逻人数已满", "The round has no place left", "一次巡逻至多 9 人：队长与其他 8 人。", "A round has at most 9 people: the leader and 8 others."},
	{CodeTooManyCodes, KindConflict, "这扇门上有效的访客码已满", "A door has all the visitor codes it may have", "请先作废不再需要的通行，或缩短时段；上限由部署设置，单个住户至多占二十分之一。", "Revoke passes that are no longer needed, or make the window shorter. The limit is a setting; one host has a twentieth of it at most."},
	{CodeStillInUse, KindConflict, "仍在使用", "It is still in use", "请先结束或修改使用它的内容。", "End or change what uses it first."},
	{CodeOwnRoles, KindForbidden, "不能更改自己的角色", "Nobody changes their own roles", "请由另一位管理员操作。", "Ask another administrator."},
	{CodeOwnCheckIn, KindForbidden, "不能更正自己的打卡", "Nobody corrects their own check-in", "请由另一位民警提出或决定。", "Ask another officer to propose or decide it."},
	{CodeSecondPerson, KindForbidden, "须由另一人决定", "Somebody else must decide it", "由一人提出，另一人批准或退回。", "One person proposes, another approves or declines."},
	{CodeSourceNotApproved, KindForbidden, "这一来源未经批准", "This source is not approved", "重点人员线索的来源须由一人提出、另一人批准。", "One person proposes a source of such reports, another approves it."},
	{CodeTooLarge, KindTooLarge, "内容太大", "Too large", "请缩小后重试，上限见接口文档。", "Make it smaller; the documentation gives the limit."},
	{CodeUnsupportedMedia, KindMediaType, "不支持的内容类型", "Unsupported content type", "请使用接口文档中列出的 Content-Type。", "Use the Content-Type listed in the documentation."},
	{CodeNotAPicture, KindUnprocessable, "不是可用的照片", "Not a usable picture", "请上传 JPEG 或 PNG 照片。", "Send a JPEG or PNG photo."},
	{CodeNotARecording, KindUnprocessable, "不是可用的语音或视频", "Not a usable recording", "请上传 M4A、WAV、AMR、Ogg Opus 语音，或至多 60 秒的 MP4（H.264/AAC）。", "Send voice as M4A, WAV, AMR or Ogg Opus, or an MP4 (H.264/AAC) of at most 60 s."},
	{CodeTusVersion, KindPrecondition, "不支持的续传协议版本", "This version of tus is not spoken here", "请带上 Tus-Resumable: 1.0.0。", "Send Tus-Resumable: 1.0.0."},
	{CodeUploadOffset, KindConflict, "与已收到的不相接", "It does not join what has arrived", "请用 HEAD 读取 Upload-Offset，从那里继续。", "Ask HEAD for Upload-Offset and go on from there."},
	{CodeUploadChecksum, KindChecksum, "这一段与校验值不符", "The part does not match its checksum", "请重传这一段。", "Send the part again."},
	{CodeTooManyUploads, KindTooMany, "未完成的上传过多", "Too many unfinished uploads", "请先完成或放弃（DELETE）已开始的上传。", "Finish or DELETE the uploads already begun."},
	{CodeNotPrintable, KindUnprocessable, "有打印字库中没有的字", "Some characters cannot be printed", "请更换 errors 中列出的字；姓名可用 blank_name=true 留空手写。", "Replace the characters listed in errors; a name can be left blank with blank_name=true, to be written by hand."},
	{CodeUnprocessable, KindUnprocessable, "请求无法执行", "The request cannot be carried out", "请按 errors 中列出的字段修改后重试。", "Correct the fields listed in errors and send it again."},
	{CodeFaceOnly, KindUnprocessable, "不能只有人脸一种进门方式", "Face must not be the only way in", "请保留验证码、远程、刷卡或钥匙中的至少一种；出门按钮不算。", "Keep at least one of code, remote, card and key; the button is for leaving."},
	{CodeGuardianNeeded, KindUnprocessable, "须由同住的成年监护人同意", "A grown-up guardian of the home must consent", "不满十四周岁的，请由同住的监护人用 person_id 代为同意。", "For a child under 14 a guardian who lives in the home consents, naming person_id."},
	{CodeProofRefused, KindUnprocessable, "工作量证明无效或已过期", "The proof of work is wrong or has expired", "请用 POST /v1/proofs-of-work 重新领取一道并计算。", "Take a new one from POST /v1/proofs-of-work and solve it."},
	{CodeProofUsed, KindConflict, "这道工作量证明已用于另一条线索", "This proof of work was used for another tip", "每条线索用一道；原样重发同一条才得到同一个回执。", "Each tip needs its own; only the very same tip sent again gets the same receipt."},
	{CodeWeChatNotBound, KindUnauthenticated, "这个微信号还没有绑定", "This WeChat account is not bound", "请先用其他方式登录，再在小程序里绑定微信。", "First sign in another way, and then bind WeChat in the mini-program."},
	{CodeWeChatOff, KindUnavailable, "本站没有开通微信小程序", "The station has no WeChat mini-program", "请用其他方式登录和接收消息。", "Sign in, and be told, another way."},
	{CodeNoStationKey, KindUnavailable, "派出所尚未配置接收匿名线索的公钥", "The station has no key for anonymous tips", "线索没有保存；请用其他方式联系派出所。", "The tip was not kept; reach the station in another way."},
	{CodeTooManyReceipts, KindTooMany, "回执多次不对", "Too many wrong receipts", "请核对回执，在 Retry-After 之后重试；不会锁住。", "Check the receipt and try again after Retry-After; nothing is locked."},
	{CodeTooManyCalls, KindTooMany, "对这户的呼叫过于频繁", "This home was rung too often", "请在 Retry-After 之后再呼叫，或找门卫。", "Ring again after Retry-After, or ask the guard."},
	{CodeRateLimited, KindTooMany, "请求过于频繁", "Too many requests", "请在 Retry-After 之后重试。", "Try again after Retry-After."},
	{CodeTooManySignIns, KindTooMany, "登录失败次数过多", "Too many failed sign-ins", "请在 Retry-After 之后重试。", "Try again after Retry-After."},
	{CodeSMSTooSoon, KindTooMany, "验证码发送过于频繁", "A code was sent a moment ago", "每个号码每分钟只发送一次。", "One code per phone per minute."},
	{CodeBusy, KindUnavailable, "服务繁忙", "Busy", "请在 Retry-After 之后重试。", "Try again after Retry-After."},
	{CodeBrokerUnavailable, KindUnavailable, "门禁通道暂时不可用", "The door channel is away", "门没有打开；请稍后重试或使用其他方式进入。", "The door was not opened; try again later or enter another way."},
	{CodeInternal, 0, "服务内部错误", "Internal error", "已记录；请稍后重试，并提供 request_id。", "It has been recorded; try again later and quote request_id."},
}

// codeKinds is Codes by name; filled once, read only.
var codeKinds = func() map[Code]Kind {
	kinds := make(map[Code]Kind, len(Codes))
	for _, info := range Codes {
		kinds[info.Code] = info.Kind
	}
	return kinds
}()
