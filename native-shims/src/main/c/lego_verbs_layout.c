/*
 * Prints the layout table of libibverbs and librdmacm in the manner of lego_layout.c. The result is kept
 * in verbs_layout.properties, because the headers need not be there where Lego is built; where they are,
 * the build compares.
 */
#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>
#include <stddef.h>
#include <stdio.h>

#define NUMBER(name) printf(#name "=%lld\n", (long long)(name))
#define SIZE(type) printf("sizeof(" #type ")=%zu\n", sizeof(struct type))
#define OFFSET(type, member) printf(#type "." #member "=%zu\n", offsetof(struct type, member))

static void verbs(void)
{
	OFFSET(ibv_context, device);
	OFFSET(ibv_context, ops.poll_cq);
	OFFSET(ibv_context, ops.req_notify_cq);
	OFFSET(ibv_context, ops.post_send);
	OFFSET(ibv_context, ops.post_recv);
	OFFSET(ibv_context, async_fd);
	OFFSET(ibv_context, cmd_fd);
	OFFSET(ibv_context, num_comp_vectors);
	OFFSET(ibv_device, transport_type);
	SIZE(ibv_send_wr);
	OFFSET(ibv_send_wr, wr_id);
	OFFSET(ibv_send_wr, next);
	OFFSET(ibv_send_wr, sg_list);
	OFFSET(ibv_send_wr, num_sge);
	OFFSET(ibv_send_wr, opcode);
	OFFSET(ibv_send_wr, send_flags);
	OFFSET(ibv_send_wr, imm_data);
	OFFSET(ibv_send_wr, wr.rdma.remote_addr);
	OFFSET(ibv_send_wr, wr.rdma.rkey);
	OFFSET(ibv_send_wr, wr.atomic.remote_addr);
	OFFSET(ibv_send_wr, wr.atomic.compare_add);
	OFFSET(ibv_send_wr, wr.atomic.swap);
	OFFSET(ibv_send_wr, wr.atomic.rkey);
	SIZE(ibv_recv_wr);
	OFFSET(ibv_recv_wr, wr_id);
	OFFSET(ibv_recv_wr, next);
	OFFSET(ibv_recv_wr, sg_list);
	OFFSET(ibv_recv_wr, num_sge);
	SIZE(ibv_sge);
	OFFSET(ibv_sge, addr);
	OFFSET(ibv_sge, length);
	OFFSET(ibv_sge, lkey);
	SIZE(ibv_wc);
	OFFSET(ibv_wc, wr_id);
	OFFSET(ibv_wc, status);
	OFFSET(ibv_wc, opcode);
	OFFSET(ibv_wc, vendor_err);
	OFFSET(ibv_wc, byte_len);
	OFFSET(ibv_wc, imm_data);
	OFFSET(ibv_wc, qp_num);
	OFFSET(ibv_wc, src_qp);
	OFFSET(ibv_wc, wc_flags);
	OFFSET(ibv_pd, handle);
	OFFSET(ibv_cq, handle);
	OFFSET(ibv_cq, cqe);
	OFFSET(ibv_qp, handle);
	OFFSET(ibv_mr, handle);
	OFFSET(ibv_mr, lkey);
	OFFSET(ibv_mr, rkey);
	OFFSET(ibv_qp, qp_num);
	OFFSET(ibv_comp_channel, fd);
	SIZE(ibv_qp_init_attr);
	OFFSET(ibv_qp_init_attr, send_cq);
	OFFSET(ibv_qp_init_attr, recv_cq);
	OFFSET(ibv_qp_init_attr, cap.max_send_wr);
	OFFSET(ibv_qp_init_attr, cap.max_recv_wr);
	OFFSET(ibv_qp_init_attr, cap.max_send_sge);
	OFFSET(ibv_qp_init_attr, cap.max_recv_sge);
	OFFSET(ibv_qp_init_attr, cap.max_inline_data);
	OFFSET(ibv_qp_init_attr, qp_type);
	OFFSET(ibv_qp_init_attr, sq_sig_all);
	SIZE(ibv_qp_attr);
	OFFSET(ibv_qp_attr, qp_state);
	OFFSET(ibv_qp_attr, qp_access_flags);
	OFFSET(ibv_qp_attr, timeout);
	OFFSET(ibv_qp_attr, retry_cnt);
	OFFSET(ibv_qp_attr, rnr_retry);
	OFFSET(ibv_qp_attr, min_rnr_timer);
	SIZE(ibv_device_attr);
	OFFSET(ibv_device_attr, fw_ver);
	OFFSET(ibv_device_attr, node_guid);
	OFFSET(ibv_device_attr, sys_image_guid);
	OFFSET(ibv_device_attr, max_mr_size);
	OFFSET(ibv_device_attr, vendor_id);
	OFFSET(ibv_device_attr, vendor_part_id);
	OFFSET(ibv_device_attr, hw_ver);
	OFFSET(ibv_device_attr, max_qp);
	OFFSET(ibv_device_attr, max_qp_wr);
	OFFSET(ibv_device_attr, max_sge);
	OFFSET(ibv_device_attr, max_cqe);
	OFFSET(ibv_device_attr, max_mr);
	OFFSET(ibv_device_attr, max_qp_rd_atom);
	OFFSET(ibv_device_attr, atomic_cap);
	OFFSET(ibv_device_attr, phys_port_cnt);
	SIZE(ibv_port_attr);
	OFFSET(ibv_port_attr, state);
	OFFSET(ibv_port_attr, max_mtu);
	OFFSET(ibv_port_attr, active_mtu);
	OFFSET(ibv_port_attr, gid_tbl_len);
	OFFSET(ibv_port_attr, lid);
	OFFSET(ibv_port_attr, sm_lid);
	OFFSET(ibv_port_attr, lmc);
	OFFSET(ibv_port_attr, link_layer);
	SIZE(ibv_gid_entry);
	OFFSET(ibv_gid_entry, gid);
	OFFSET(ibv_gid_entry, gid_index);
	OFFSET(ibv_gid_entry, port_num);
	OFFSET(ibv_gid_entry, gid_type);
	OFFSET(ibv_gid_entry, ndev_ifindex);
	SIZE(ibv_async_event);
	OFFSET(ibv_async_event, element);
	OFFSET(ibv_async_event, event_type);
}

static void connection_manager(void)
{
	OFFSET(rdma_event_channel, fd);
	OFFSET(rdma_cm_id, verbs);
	OFFSET(rdma_cm_id, qp);
	OFFSET(rdma_cm_id, port_num);
	OFFSET(rdma_cm_id, route.addr.src_storage);
	OFFSET(rdma_cm_id, route.addr.dst_storage);
	OFFSET(rdma_cm_event, id);
	OFFSET(rdma_cm_event, listen_id);
	OFFSET(rdma_cm_event, event);
	OFFSET(rdma_cm_event, status);
	OFFSET(rdma_cm_event, param.conn.private_data);
	OFFSET(rdma_cm_event, param.conn.private_data_len);
	OFFSET(rdma_cm_event, param.conn.responder_resources);
	OFFSET(rdma_cm_event, param.conn.initiator_depth);
	OFFSET(rdma_cm_event, param.conn.qp_num);
	SIZE(rdma_conn_param);
	OFFSET(rdma_conn_param, private_data);
	OFFSET(rdma_conn_param, private_data_len);
	OFFSET(rdma_conn_param, responder_resources);
	OFFSET(rdma_conn_param, initiator_depth);
	OFFSET(rdma_conn_param, retry_count);
	OFFSET(rdma_conn_param, rnr_retry_count);
	OFFSET(rdma_conn_param, flow_control);
}

static void numbers(void)
{
	NUMBER(IBV_SEND_SIGNALED);
	NUMBER(IBV_SEND_INLINE);
	NUMBER(IBV_QPT_RC);
	NUMBER(IBV_QP_STATE);
	NUMBER(IBV_QP_ACCESS_FLAGS);
	NUMBER(IBV_QP_MIN_RNR_TIMER);
	NUMBER(IBV_QPS_ERR);
	NUMBER(IBV_PORT_ACTIVE);
	NUMBER(IBV_LINK_LAYER_ETHERNET);
	NUMBER(IBV_GID_TYPE_IB);
	NUMBER(IBV_GID_TYPE_ROCE_V1);
	NUMBER(IBV_GID_TYPE_ROCE_V2);
	NUMBER(IBV_EVENT_CQ_ERR);
	NUMBER(IBV_EVENT_QP_FATAL);
	NUMBER(IBV_EVENT_QP_REQ_ERR);
	NUMBER(IBV_EVENT_QP_ACCESS_ERR);
	NUMBER(IBV_EVENT_DEVICE_FATAL);
	NUMBER(IBV_WR_RDMA_WRITE);
	NUMBER(IBV_WR_RDMA_WRITE_WITH_IMM);
	NUMBER(IBV_WR_SEND);
	NUMBER(IBV_WR_RDMA_READ);
	NUMBER(IBV_WR_ATOMIC_CMP_AND_SWP);
	NUMBER(IBV_WR_ATOMIC_FETCH_AND_ADD);
	NUMBER(IBV_WC_SEND);
	NUMBER(IBV_WC_RDMA_WRITE);
	NUMBER(IBV_WC_RDMA_READ);
	NUMBER(IBV_WC_COMP_SWAP);
	NUMBER(IBV_WC_FETCH_ADD);
	NUMBER(IBV_WC_RECV);
	NUMBER(IBV_WC_RECV_RDMA_WITH_IMM);
	NUMBER(RDMA_PS_TCP);
	NUMBER(RDMA_OPTION_ID);
	NUMBER(RDMA_OPTION_ID_ACK_TIMEOUT);
	NUMBER(RDMA_CM_EVENT_ADDR_RESOLVED);
	NUMBER(RDMA_CM_EVENT_ADDR_ERROR);
	NUMBER(RDMA_CM_EVENT_ROUTE_RESOLVED);
	NUMBER(RDMA_CM_EVENT_ROUTE_ERROR);
	NUMBER(RDMA_CM_EVENT_CONNECT_REQUEST);
	NUMBER(RDMA_CM_EVENT_CONNECT_ERROR);
	NUMBER(RDMA_CM_EVENT_UNREACHABLE);
	NUMBER(RDMA_CM_EVENT_REJECTED);
	NUMBER(RDMA_CM_EVENT_ESTABLISHED);
	NUMBER(RDMA_CM_EVENT_DISCONNECTED);
	NUMBER(RDMA_CM_EVENT_DEVICE_REMOVAL);
	NUMBER(RDMA_CM_EVENT_TIMEWAIT_EXIT);
}

int main(void)
{
	verbs();
	connection_manager();
	numbers();
	return 0;
}
