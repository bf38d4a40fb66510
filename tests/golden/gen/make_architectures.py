# SPDX-License-Identifier: Apache-2.0
"""Adds to tests/golden/models: every other architecture, one tiny random checkpoint for each variant of its mathematics.

    python3 tests/golden/gen/make_architectures.py [case ...]        (made with torch 2.13, transformers 5.23 and 5.24, safetensors)

The same files as make_models.py writes, without query, key and value. Lengths cross windows, trained lengths and padding.
"""
import json
import pathlib
import shutil
import sys

import torch
import transformers as hf
from safetensors.torch import load_file, save_file

from make_models import ROOT, randomise

VOCABULARY = 48
TOKENS = dict(bos_token_id=0, eos_token_id=1, pad_token_id=None, attn_implementation="eager")
LIKE_LLAMA = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                  head_dim=8, max_position_embeddings=32, **TOKENS)
WITH_SEGMENTS = dict(vocab_size=VOCABULARY, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32, type_vocab_size=2, **{**TOKENS, "pad_token_id": 0})
DISTIL = dict(vocab_size=VOCABULARY, dim=16, hidden_dim=24, n_layers=2, n_heads=2, max_position_embeddings=32, **{**TOKENS, "pad_token_id": 0})
MODERN = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2, max_position_embeddings=64, local_attention=6,
              cls_token_id=0, sep_token_id=1, **{**TOKENS, "pad_token_id": 2})
PLAIN = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32, **TOKENS)

LIKE_GPT = dict(vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=2, **TOKENS)
LIKE_OPT = dict(vocab_size=VOCABULARY, hidden_size=16, ffn_dim=24, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32, **TOKENS)
LIKE_MPT = dict(vocab_size=VOCABULARY, d_model=24, n_layers=2, max_seq_len=32, **TOKENS)
LIKE_FALCON = dict(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=32, **TOKENS)
LIKE_PHI3 = {key: value for key, value in LIKE_LLAMA.items() if key != "head_dim"} | dict(hidden_size=32)
LIKE_OLMO = {key: value for key, value in LIKE_PHI3.items() if key != "num_key_value_heads"}
LIKE_GEMMA3 = dict(LIKE_LLAMA, num_hidden_layers=3, sliding_window=4)
LIKE_STABLELM = {key: value for key, value in LIKE_LLAMA.items() if key != "head_dim"} | dict(hidden_size=32)


def layers_of(model):
    for name in ("model.layers", "layers", "transformer.h", "gpt_neox.layers", "model.decoder.layers", "roberta.encoder.layer", "electra.encoder.layer",
                 "distilbert.transformer.layer", "transformer.layer", "transformer.blocks"):
        try:
            return model.get_submodule(name)
        except AttributeError:
            continue
    raise LookupError(type(model).__name__)


@torch.no_grad()
def reference(model, ids, segments):
    hidden, hooks = [], []
    for layer in layers_of(model):
        hooks.append(layer.register_forward_hook(lambda _, __, out: hidden.append(out[0] if isinstance(out, tuple) else out)))
    inputs = {"input_ids": ids[None]}
    if segments is not None:
        inputs["token_type_ids"] = segments[None]
    decoder = "CausalLM" in type(model).__name__
    result = model(**inputs, output_hidden_states=True, output_attentions=True, **(dict(use_cache=False) if decoder else {}))
    for hook in hooks:
        hook.remove()
    states = [result.hidden_states[0]] + hidden
    parts = dict(hidden=torch.stack([state.reshape(len(ids), -1) for state in states]), attention=torch.cat(list(result.attentions)))
    if decoder or "Masked" in type(model).__name__:  # what other heads call logits are not those of tokens
        parts["logits"] = result.logits[0]
    return parts


def settings_of(folder, change):
    path = folder / "config.json"
    settings = json.loads(path.read_text())
    settings = change(settings) or settings
    path.write_text(json.dumps(settings, indent=2) + "\n")


def rename_tensors(folder, change):
    path = folder / "model.safetensors"
    save_file({change(name): value for name, value in load_file(path).items()}, path, metadata={"format": "pt"})


def make(name, model_class, config, lengths, ids=None, segments=False, edit=None, prepare=None, after=None, convert=None):
    """`edit` changes config.json and `convert` the folder before the reference reads it, `after` the folder once it has; `prepare` changes the loaded model."""
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(1)
    model, seed = model_class(config), sum(map(ord, name))
    randomise(model, seed)
    randomise_experts(model, seed + 2)
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if edit:  # the spelling of older exporters, before the reference reads it, too
        settings_of(folder, edit)
    if convert:
        convert(folder)
    expected, generator = {}, torch.Generator().manual_seed(seed + 1)
    for sample, length in enumerate(lengths):
        fresh = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        if prepare:
            prepare(fresh)
        tokens = torch.randint(2, VOCABULARY, (length,), generator=generator)
        tokens[0] = 0
        if ids:
            tokens[ids[0]] = ids[1]
        types = (torch.arange(length) >= length // 2).long() if segments else None
        for part, value in reference(fresh, tokens, types).items():
            expected[f"{sample}.{part}"] = value.contiguous().float()
        expected[f"{sample}.ids"] = tokens.int()
        if segments:
            expected[f"{sample}.segments"] = types.int()
    if after:
        after(folder)
    save_file(expected, ROOT / f"{name}.expected.safetensors", metadata={"transformers": hf.__version__})
    size = sum(f.stat().st_size for f in folder.iterdir()) + (ROOT / f"{name}.expected.safetensors").stat().st_size
    print(f"{name}: {size / 1000:.0f} kB")


def old_neox(settings):
    settings.pop("rope_parameters")
    settings.update(rotary_pct=0.5, rotary_emb_base=1000)


def old_bloom(settings):
    settings.update(n_embed=settings.pop("hidden_size"), num_attention_heads=settings.pop("n_head"), seq_length=32)


def old_opt(folder):
    rename_tensors(folder, lambda name: name.removeprefix("model."))


def old_falcon(model_type, **keys):
    def change(settings):
        settings.update(model_type=model_type, n_layer=settings.pop("num_hidden_layers"), n_head=settings.pop("num_attention_heads"), **keys)
        for key in ("new_decoder_architecture", "num_kv_heads", "num_ln_in_parallel_attn", "rope_parameters", "max_position_embeddings", "ffn_hidden_size",
                    "activation"):
            settings.pop(key, None)
    return lambda folder: settings_of(folder, change)


def old_phi3(settings):
    scaling = settings.pop("rope_parameters")
    settings.update(rope_theta=scaling["rope_theta"], partial_rotary_factor=scaling["partial_rotary_factor"], original_max_position_embeddings=16,
                    rope_scaling=dict(type="su", short_factor=scaling["short_factor"], long_factor=scaling["long_factor"]))


def old_yarn(settings):
    scaling = settings.pop("rope_parameters")
    settings.update(rope_theta=scaling["rope_theta"], rope_scaling=dict(type="yarn", factor=4.0, original_max_position_embeddings=8))


def old_gemma3(settings):
    for key in ("rope_parameters", "layer_types"):
        settings.pop(key)
    settings.update(rope_theta=1000.0, rope_local_base_freq=10.0, rope_scaling=dict(rope_type="linear", factor=4.0), sliding_window_pattern=2)


def with_images(folder):
    """As the models that also see images are published: settings in an object of their own, without those that are defaults."""
    def nest(settings):
        for key in ("head_dim", "num_attention_heads", "num_key_value_heads", "rope_parameters", "architectures", "layer_types"):
            settings.pop(key)
        return dict(model_type="gemma3", architectures=["Gemma3ForConditionalGeneration"], text_config=settings, vision_config=dict(
            model_type="siglip_vision_model", hidden_size=8), tie_word_embeddings=True)
    settings_of(folder, nest)
    rename_tensors(folder, lambda name: "language_model." + name)


def old_stablelm(folder):
    def change(settings):
        rope = settings.pop("rope_parameters")
        settings.update(model_type="stablelm_epoch", norm_eps=settings.pop("layer_norm_eps"), rope_pct=rope["partial_rotary_factor"],
                        rope_theta=rope["rope_theta"])
    settings_of(folder, change)


def published_slopes(model):
    """Transformers takes 8 for the steepest slope whatever alibi_bias_max says; the code that MPT was published with does not."""
    body, steepest = model.transformer, model.config.attn_config.alibi_bias_max
    original = body.build_mpt_alibi_tensor
    body.build_mpt_alibi_tensor = lambda heads, length, device=None: original(heads, length, steepest, device)


@torch.no_grad()
def alibi_once(model):
    """Eager attention in transformers adds Falcon's bias twice, in the mask and beside it. Its other attention adds it once, as Falcon was trained; the
    two must agree once that is put right."""
    def plain_mask(_, args, kwargs):
        mask = kwargs["attention_mask"]
        return args, kwargs | dict(attention_mask=torch.where(mask < -1e30, mask, 0.0))
    ids = torch.arange(9)[None]
    wanted = type(model).from_pretrained(model.name_or_path, dtype=torch.float32, attn_implementation="sdpa").eval()(ids).logits
    for block in model.transformer.h:
        block.self_attention.register_forward_pre_hook(plain_mask, with_kwargs=True)
    assert torch.allclose(model(ids).logits, wanted, atol=1e-5)


EXPERTS = dict(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, **TOKENS)
GPT_OSS = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
               max_position_embeddings=96, num_local_experts=4, num_experts_per_tok=2, sliding_window=5, **TOKENS)


def randomise_experts(model, seed):
    """What randomise leaves small: weights of all experts, and sinks of a size that matters. Weights are wide enough for the clamp to cut off."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 3:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * (0.4 if "gate_up" in name else 0.25))
            elif name.endswith("sinks"):
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 1.5)


def to_mxfp4(folder):
    """Rewrites the weights of all experts as blocks of 32 numbers of 4 bits with a scale each, rounded to the nearest."""
    values = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
    tensors, file = {}, folder / "model.safetensors"
    for name, tensor in load_file(file).items():
        if tensor.dim() != 3 or "bias" in name:
            tensors[name] = tensor
            continue
        rows = tensor.float().transpose(1, 2)  # [experts, out, in]
        blocks = rows.reshape(*rows.shape[:2], -1, 32)
        exponent = torch.floor(torch.log2(blocks.abs().amax(-1).clamp_min(1e-30))) - 2
        scaled = blocks / torch.exp2(exponent)[..., None]
        code = (scaled.abs()[..., None] - values).abs().argmin(-1) + 8 * (scaled < 0)
        tensors[name + "_blocks"] = (code[..., 0::2] + 16 * code[..., 1::2]).to(torch.uint8).contiguous()
        tensors[name + "_scales"] = (exponent + 127).to(torch.uint8)
    save_file(tensors, file, metadata={"format": "pt"})
    settings = json.loads((folder / "config.json").read_text())
    settings["quantization_config"] = {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router",
                                                                                          "model.embed_tokens", "lm_head"]}
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")


def without_rope(settings):
    settings.pop("rope_parameters")


def published_gpt_oss(settings):
    settings.pop("rope_parameters"), settings.pop("layer_types"), settings.pop("num_experts_per_tok")
    settings.update(experts_per_token=3, rope_theta=1000.0, rope_scaling=dict(
        rope_type="yarn", factor=8.0, beta_fast=32.0, beta_slow=1.0, truncate=False, original_max_position_embeddings=12), num_experts_per_tok=3)


def old_modernbert(settings):
    settings.pop("rope_parameters"), settings.pop("layer_types")
    settings.update(global_rope_theta=5000.0, local_rope_theta=100.0, global_attn_every_n_layers=2)


CASES = {
    "gpt_neox": lambda n: make(n, hf.GPTNeoXForCausalLM, hf.GPTNeoXConfig(**PLAIN, rope_parameters=dict(
        rope_type="default", rope_theta=1000.0, partial_rotary_factor=0.5)), [13], edit=old_neox),
    "gpt_neox_sequential": lambda n: make(n, hf.GPTNeoXForCausalLM, hf.GPTNeoXConfig(
        **PLAIN, use_parallel_residual=False, attention_bias=False, hidden_act="gelu_fast", tie_word_embeddings=True), [9]),
    "mistral": lambda n: make(n, hf.MistralForCausalLM, hf.MistralConfig(**LIKE_LLAMA, sliding_window=5), [4, 12]),
    "qwen2": lambda n: make(n, hf.Qwen2ForCausalLM, hf.Qwen2Config(**LIKE_LLAMA, use_sliding_window=True, sliding_window=4, max_window_layers=1), [12]),
    "gemma": lambda n: make(n, hf.GemmaForCausalLM, hf.GemmaConfig(**LIKE_LLAMA, hidden_act="gelu"), [11]),
    "phi": lambda n: make(n, hf.PhiForCausalLM, hf.PhiConfig(**PLAIN, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)), [11]),
    "phi_qk_norm": lambda n: make(n, hf.PhiForCausalLM, hf.PhiConfig(**PLAIN, qk_layernorm=True), [8]),
    "gptj": lambda n: make(n, hf.GPTJForCausalLM, hf.GPTJConfig(**LIKE_GPT, n_positions=32, rotary_dim=4), [11]),
    "opt": lambda n: make(n, hf.OPTForCausalLM, hf.OPTConfig(**LIKE_OPT), [13, 32]),
    "opt_350m": lambda n: make(n, hf.OPTForCausalLM, hf.OPTConfig(**LIKE_OPT, do_layer_norm_before=False, word_embed_proj_dim=8), [11], after=old_opt),
    "opt_no_bias": lambda n: make(n, hf.OPTForCausalLM, hf.OPTConfig(**LIKE_OPT, enable_bias=False, activation_function="gelu",
                                                                     _remove_final_layer_norm=True, tie_word_embeddings=False), [9]),
    "opt_plain_norms": lambda n: make(n, hf.OPTForCausalLM, hf.OPTConfig(**LIKE_OPT, enable_bias=False, layer_norm_elementwise_affine=False), [9]),
    "bloom": lambda n: make(n, hf.BloomForCausalLM, hf.BloomConfig(vocab_size=VOCABULARY, hidden_size=24, n_layer=2, n_head=6, **TOKENS), [19],
                            edit=old_bloom),
    "bloom_residual": lambda n: make(n, hf.BloomForCausalLM, hf.BloomConfig(
        vocab_size=VOCABULARY, hidden_size=16, n_layer=2, n_head=4, apply_residual_connection_post_layernorm=True, **TOKENS), [9]),
    "mpt": lambda n: make(n, hf.MptForCausalLM, hf.MptConfig(**LIKE_MPT, n_heads=6), [17]),
    "mpt_clipped": lambda n: make(n, hf.MptForCausalLM, hf.MptConfig(**LIKE_MPT, n_heads=4, attn_config=dict(
        clip_qkv=0.6, softmax_scale=0.75, alibi_bias_max=16)), [11], prepare=published_slopes),
    "falcon": lambda n: make(n, hf.FalconForCausalLM, hf.FalconConfig(**LIKE_FALCON), [12], after=old_falcon("RefinedWebModel")),
    "falcon_rw": lambda n: make(n, hf.FalconForCausalLM, hf.FalconConfig(**{**LIKE_FALCON, "hidden_size": 24, "num_attention_heads": 6}, alibi=True,
                                                                         multi_query=False, parallel_attn=False, bias=True), [23], prepare=alibi_once),
    "falcon_new": lambda n: make(n, hf.FalconForCausalLM, hf.FalconConfig(**LIKE_FALCON, new_decoder_architecture=True, num_kv_heads=2), [12],
                                 after=old_falcon("RefinedWeb", n_head_kv=2)),
    "falcon_new_one_norm": lambda n: make(n, hf.FalconForCausalLM, hf.FalconConfig(
        **LIKE_FALCON, new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1, tie_word_embeddings=False, ffn_hidden_size=24,
        activation="relu"), [9]),
    "phi3": lambda n: make(n, hf.Phi3ForCausalLM, hf.Phi3Config(**LIKE_PHI3, sliding_window=5), [5, 12]),
    "phi3_longrope": lambda n: make(n, hf.Phi3ForCausalLM, hf.Phi3Config(
        **{**LIKE_PHI3, "max_position_embeddings": 64}, original_max_position_embeddings=16, rope_parameters=dict(
            rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=16, partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.3],
            long_factor=[1.2, 4.0, 9.0])), [16, 17, 24], after=lambda folder: settings_of(folder, old_phi3)),
    "qwen2_yarn": lambda n: make(n, hf.Qwen2ForCausalLM, hf.Qwen2Config(**LIKE_LLAMA, rope_parameters=dict(
        rope_type="yarn", rope_theta=1000000.0, factor=4.0, original_max_position_embeddings=8)), [20], edit=old_yarn),
    "qwen3": lambda n: make(n, hf.Qwen3ForCausalLM, hf.Qwen3Config(**LIKE_LLAMA), [11]),
    "qwen3_windows": lambda n: make(n, hf.Qwen3ForCausalLM, hf.Qwen3Config(
        **LIKE_LLAMA, attention_bias=True, use_sliding_window=True, sliding_window=3, max_window_layers=1, tie_word_embeddings=True), [10]),
    "gemma2": lambda n: make(n, hf.Gemma2ForCausalLM, hf.Gemma2Config(
        **LIKE_LLAMA, sliding_window=4, query_pre_attn_scalar=6, attn_logit_softcapping=2.0, final_logit_softcapping=3.0), [4, 12],
        edit=lambda settings: settings.pop("layer_types") and None),
    "gemma2_uncapped": lambda n: make(n, hf.Gemma2ForCausalLM, hf.Gemma2Config(
        **LIKE_LLAMA, sliding_window=4, attn_logit_softcapping=None, final_logit_softcapping=None, attention_bias=True,
        layer_types=["full_attention", "sliding_attention"]), [9]),
    "gemma3": lambda n: make(n, hf.Gemma3ForCausalLM, hf.Gemma3TextConfig(**LIKE_GEMMA3, query_pre_attn_scalar=6, final_logit_softcapping=3.0), [4, 14],
                             edit=old_gemma3),
    "gemma3_images": lambda n: make(n, hf.Gemma3ForCausalLM, hf.Gemma3TextConfig(**{
        **LIKE_GEMMA3, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "hidden_size": 8, "num_hidden_layers": 1}), [9], after=with_images),
    "olmo": lambda n: make(n, hf.OlmoForCausalLM, hf.OlmoConfig(**LIKE_OLMO, num_key_value_heads=4), [11]),
    "olmo_clipped": lambda n: make(n, hf.OlmoForCausalLM, hf.OlmoConfig(
        **LIKE_OLMO, num_key_value_heads=2, clip_qkv=0.7, attention_bias=True, tie_word_embeddings=True), [8]),
    "olmo2": lambda n: make(n, hf.Olmo2ForCausalLM, hf.Olmo2Config(**LIKE_LLAMA), [11]),
    "olmo2_biases": lambda n: make(n, hf.Olmo2ForCausalLM, hf.Olmo2Config(**LIKE_LLAMA, attention_bias=True, tie_word_embeddings=True), [8]),
    "stablelm": lambda n: make(n, hf.StableLmForCausalLM, hf.StableLmConfig(**LIKE_STABLELM, use_qkv_bias=True), [11]),
    "stablelm_parallel": lambda n: make(n, hf.StableLmForCausalLM, hf.StableLmConfig(**LIKE_STABLELM, use_parallel_residual=True), [9], after=old_stablelm),
    "roberta": lambda n: make(n, hf.RobertaForMaskedLM, hf.RobertaConfig(**{**PLAIN, "pad_token_id": 3}, type_vocab_size=2, hidden_act="relu"),
                              [12, 7], ids=([2, 5, 6], 3), segments=True),
    "xlm_roberta": lambda n: make(n, hf.XLMRobertaForMaskedLM, hf.XLMRobertaConfig(**{**PLAIN, "pad_token_id": 1}, type_vocab_size=1), [10]),
    "distilbert": lambda n: make(n, hf.DistilBertForMaskedLM, hf.DistilBertConfig(**DISTIL), [11, 4]),
    "distilbert_body_relu": lambda n: make(n, hf.DistilBertModel, hf.DistilBertConfig(**DISTIL, activation="relu", sinusoidal_pos_embds=True), [9]),
    "electra_generator": lambda n: make(n, hf.ElectraForMaskedLM, hf.ElectraConfig(**WITH_SEGMENTS, hidden_size=16, embedding_size=12, intermediate_size=24,
                                                                                   hidden_act="relu"), [11], segments=True),
    "electra_generator_wide": lambda n: make(n, hf.ElectraForMaskedLM, hf.ElectraConfig(**WITH_SEGMENTS, hidden_size=16, embedding_size=16, intermediate_size=24,
                                                                                        tie_word_embeddings=False), [8]),
    "electra_discriminator_body": lambda n: make(n, hf.ElectraForPreTraining, hf.ElectraConfig(**WITH_SEGMENTS, hidden_size=16, embedding_size=24,
                                                                                               intermediate_size=24), [10], segments=True),
    "mixtral": lambda n: make(n, hf.MixtralForCausalLM, hf.MixtralConfig(**EXPERTS, intermediate_size=24, num_local_experts=4), [11, 3]),
    "mixtral_window": lambda n: make(n, hf.MixtralForCausalLM, hf.MixtralConfig(
        **EXPERTS, intermediate_size=24, num_local_experts=3, num_experts_per_tok=1, sliding_window=4, hidden_act="gelu"), [9]),
    "qwen3_moe": lambda n: make(n, hf.Qwen3MoeForCausalLM, hf.Qwen3MoeConfig(
        **{**EXPERTS, "num_hidden_layers": 3}, head_dim=8, intermediate_size=24, moe_intermediate_size=12, num_experts=4, num_experts_per_tok=2, mlp_only_layers=[1]),
        [10]),
    "qwen3_moe_norm": lambda n: make(n, hf.Qwen3MoeForCausalLM, hf.Qwen3MoeConfig(
        **EXPERTS, head_dim=4, intermediate_size=24, moe_intermediate_size=12, num_experts=5, num_experts_per_tok=3, norm_topk_prob=True, decoder_sparse_step=2,
        attention_bias=True, use_sliding_window=True, sliding_window=4), [9]),
    "gpt_oss": lambda n: make(n, hf.GptOssForCausalLM, hf.GptOssConfig(**GPT_OSS, swiglu_limit=1.5, rope_parameters=dict(
        rope_type="yarn", rope_theta=1000.0, factor=4.0, truncate=False, original_max_position_embeddings=24)), [31, 4]),
    "gpt_oss_default_rope": lambda n: make(n, hf.GptOssForCausalLM, hf.GptOssConfig(**GPT_OSS, attention_bias=False, swiglu_alpha=0.9, layer_types=[
        "full_attention", "sliding_attention"]), [13], edit=without_rope),
    "gpt_oss_mxfp4": lambda n: make(n, hf.GptOssForCausalLM, hf.GptOssConfig(**GPT_OSS, swiglu_limit=1.5), [14], edit=published_gpt_oss, convert=to_mxfp4),
    "modernbert": lambda n: make(n, hf.ModernBertForMaskedLM, hf.ModernBertConfig(**MODERN), [3, 14]),
    "modernbert_old_spelling": lambda n: make(n, hf.ModernBertForMaskedLM, hf.ModernBertConfig(
        **MODERN, norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True, decoder_bias=False, hidden_activation="silu",
        classifier_activation="relu", rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=5000.0),
                                                           sliding_attention=dict(rope_type="default", rope_theta=100.0))), [12], edit=old_modernbert),
    "modernbert_classifier_body": lambda n: make(n, hf.ModernBertForTokenClassification, hf.ModernBertConfig(**MODERN, layer_types=[
        "full_attention", "full_attention", "sliding_attention"]), [9]),
}


def main():
    chosen = sys.argv[1:] or list(CASES)
    for name in chosen:
        CASES[name](name)
    total = sum(f.stat().st_size for name in CASES for f in [*(ROOT / name).iterdir(), ROOT / f"{name}.expected.safetensors"])
    print(f"{len(CASES)} cases, {total / 1000:.0f} kB")


if __name__ == "__main__":
    main()
